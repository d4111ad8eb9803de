/**
 * Sends transactions to a chain on this machine, where each is mined at once and money costs nothing.
 *
 * @module
 */

import {
  type Abi,
  type Account,
  type Address,
  type Chain,
  type ContractFunctionArgs,
  type ContractFunctionName,
  createTestClient,
  createWalletClient,
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
   * Calls a contract's function in a transaction.
   *
   * @throws {Error} The contract refuses it.
   */
  async write<const A extends Abi, const F extends ContractFunctionName<A, Changing>>(
    account: PrivateKeyAccount,
    { address: to, value, ...call }: Write<A, F>,
  ): Promise<TransactionReceipt> {
    // viem's own types can't be followed for an interface that isn't known yet.
    const data = encodeFunctionData(call as never);
    return await this.#send(account, { to, data, value });
  }

  async #send(
    account: Account,
    transaction: { to?: Address; data: Hex; value?: bigint },
  ): Promise<TransactionReceipt> {
    const wallet = createWalletClient({ account, chain: this.#chain, transport: http(this.#rpc) });
    const hash = await wallet.sendTransaction(transaction);
    const receipt = await this.client.waitForTransactionReceipt({ hash });
    if (receipt.status === "success") return receipt;
    throw new Error(`The transaction ${hash} failed`);
  }
}
