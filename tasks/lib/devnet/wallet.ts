/**
 * Sends transactions to a chain on this machine, where each is mined at once and money costs nothing.
 *
 * @module
 */

import {
  type Abi,
  type Account,
  type Address,
  BaseError,
  type Chain,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  createWalletClient,
  decodeErrorResult,
  encodeDeployData,
  encodeFunctionData,
  getAddress,
  type Hex,
  http,
  type HttpTransport,
  parseAbi,
  type PrivateKeyAccount,
  type PublicActions,
  publicActions,
  type TestClient,
  type TransactionReceipt,
} from "viem";
import { RevertedError } from "../chain/errors.ts";
import bytecode from "./contracts/bytecode.json" with { type: "json" };

const POLL_MS = 50;

/** The functions that change a contract's state. */
type Changing = "nonpayable" | "payable";

/** The name of a contract whose code is in this folder. */
export type CodeName = keyof typeof bytecode;

/** All that a node's operator can do, and what anyone can read. */
export type OperatorClient =
  & TestClient<"anvil", HttpTransport, Chain>
  & PublicActions<HttpTransport, Chain>;

/** A transaction that calls a contract. */
export interface Write<A extends Abi, F extends ContractFunctionName<A, Changing>> {
  /** The contract. */
  address: Address;
  /** Its interface. */
  abi: A;
  /** The function. */
  functionName: F;
  /** Its arguments. */
  args: ContractFunctionArgs<A, Changing, F>;
  /**
   * The money that goes with it, in wei.
   *
   * @default 0n
   */
  value?: bigint;
}

/** Sends transactions to a chain on this machine. */
export class LocalWallet {
  /** For all that a node's operator can do. */
  readonly client: OperatorClient;
  readonly #chain: Chain;
  readonly #rpc: string;
  readonly #last = new Map<Address, Promise<unknown>>();

  /** Prepares to send to the chain behind an RPC. */
  constructor(rpc: string, chain: Chain) {
    this.#rpc = rpc;
    this.#chain = chain;
    const transport = http(rpc);
    this.client = createTestClient({ mode: "anvil", chain, transport, pollingInterval: POLL_MS })
      .extend(publicActions);
  }

  /** Gives an account so much money, in wei, and no more. */
  async fund(address: Address, value: bigint): Promise<void> {
    await this.client.setBalance({ address, value });
  }

  /** Deploys a contract, and returns its address. */
  async deploy(
    account: PrivateKeyAccount,
    name: CodeName,
    constructor?: { signature: string; args: readonly unknown[] },
  ): Promise<Address> {
    const code = bytecode[name] as Hex;
    const data = constructor === undefined ? code : encodeDeployData({
      abi: parseAbi([constructor.signature]) as Abi,
      bytecode: code,
      args: constructor.args,
    });
    const { contractAddress } = await this.#send(account, { data });
    return getAddress(contractAddress!);
  }

  /**
   * Calls a contract's function in a transaction, after those that were called before by the account.
   *
   * @throws {RevertedError} The contract refuses it; the interface says by which of its errors.
   */
  async write<const A extends Abi, const F extends ContractFunctionName<A, Changing>>(
    account: PrivateKeyAccount,
    { address: to, value, ...call }: Write<A, F>,
  ): Promise<TransactionReceipt> {
    // viem's own types can't be followed for an interface that isn't known yet.
    const data = encodeFunctionData(call as never);
    try {
      return await this.#send(account, { to, data, value });
    } catch (error) {
      throw explainRevert(error, call.abi);
    }
  }

  /** Each transaction takes the account's next nonce, so the one before must have been mined. */
  async #send(account: Account, transaction: Transaction): Promise<TransactionReceipt> {
    const { address } = account;
    const send = () => this.#sendNext(account, transaction);
    const sent = (this.#last.get(address) ?? Promise.resolve()).then(send, send);
    this.#last.set(address, sent);
    return await sent;
  }

  async #sendNext(account: Account, transaction: Transaction): Promise<TransactionReceipt> {
    const wallet = createWalletClient({ account, chain: this.#chain, transport: http(this.#rpc) });
    const hash = await wallet.sendTransaction(transaction);
    const receipt = await this.client.waitForTransactionReceipt({ hash });
    if (receipt.status === "success") return receipt;
    throw new RevertedError(`The transaction ${hash} failed`);
  }
}

/** What a transaction does. */
interface Transaction {
  to?: Address;
  data: Hex;
  value?: bigint;
}

function explainRevert(error: unknown, abi: Abi): unknown {
  if (!(error instanceof BaseError)) return error;
  const cause = error.walk((one) => typeof (one as { data?: unknown }).data === "string");
  const data = (cause as { data?: Hex } | null)?.data;
  if (data === undefined) return error;
  try {
    const { errorName, args } = decodeErrorResult({ abi, data });
    return new RevertedError(`The contract refuses the call: ${errorName}`, { errorName, args });
  } catch {
    return new RevertedError(`The contract refuses the call: ${data}`);
  }
}
