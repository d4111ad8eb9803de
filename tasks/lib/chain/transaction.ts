/**
 * Transactions for the registry: what they would do, and what they cost.
 *
 * @module
 */

import { type Abi, type Address, encodeFunctionData, formatUnits, type Hex } from "viem";
import { ToolError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { RevertedError } from "./errors.ts";
import { REGISTRY_ABI } from "../network/instruction_registry_abi.ts";

/** A call that changes the registry. */
export type RegistryCall =
  | { functionName: "addComputeInstruction"; args: readonly [hash: Hex, url: string] }
  | {
    functionName: "updateComputeInstruction";
    args: readonly [instructionId: bigint, dlpId: bigint, approved: boolean];
  };

/** The gas that a call takes can grow between the estimate and the block, by this many percent. */
const GAS_MARGIN = 20n;

/** A transaction that any wallet can sign. */
export interface UnsignedTransaction {
  /** The registry. */
  to: Address;
  /** The call. */
  data: Hex;
  /** Nothing, in decimal: the registry takes no money. */
  value: "0";
  /** The network's chain id. */
  chainId: number;
}

/** What `--unsigned` prints. */
export function unsignedTransaction(
  { registry, chain }: Connection,
  call: RegistryCall,
): UnsignedTransaction {
  return { to: registry, data: encode(call), value: "0", chainId: chain.id };
}

function encode(call: RegistryCall): Hex {
  return encodeFunctionData({ abi: REGISTRY_ABI, ...call });
}

/** What a transaction will be: its fees are the most it pays, in wei for a unit of gas. */
export type Fees =
  | { type: "eip1559"; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }
  | { type: "legacy"; gasPrice: bigint };

/** A transaction to be signed. */
export type PreparedTransaction = Fees & {
  /** The chain it is for, and for no other. */
  chainId: number;
  /** The registry. */
  to: Address;
  /** The call. */
  data: Hex;
  /** The number of the account's transaction, from 0. */
  nonce: number;
  /** The most gas it may use. */
  gas: bigint;
};

/** A prepared transaction and its price. */
export interface Plan {
  /** What is to be signed. */
  transaction: PreparedTransaction;
  /** The most that it can cost, in wei. */
  cost: bigint;
  /** What the account has, in wei. */
  balance: bigint;
}

/**
 * Simulates a call by an account.
 *
 * @param block The block on which; without it, the latest.
 * @throws {RevertedError} The contract refuses it.
 */
export async function simulate(
  { registry, ask }: Connection,
  { call, account, block }: { call: RegistryCall; account: Address; block?: bigint },
): Promise<void> {
  // Typed loosely, as viem's own types take no union of calls.
  const abi: Abi = REGISTRY_ABI;
  try {
    await ask((client) =>
      client.simulateContract({
        address: registry,
        abi,
        account,
        ...call,
        ...block === undefined ? {} : { blockNumber: block },
      })
    );
  } catch (error) {
    const notOwner = error instanceof RevertedError && error.errorName === "NotDlpOwner";
    if (!notOwner || call.functionName !== "updateComputeInstruction") throw error;
    throw new RevertedError(
      `The account ${account} isn't the owner of DLP ${call.args[1]}; only its owner may approve ` +
        "or revoke an instruction for it",
      error.errorName,
    );
  }
}

/**
 * Prepares a call's transaction.
 *
 * @throws {ToolError} The account can't pay, or has a transaction that isn't mined yet.
 */
export async function prepare(
  connection: Connection,
  { call, account }: { call: RegistryCall; account: Address },
): Promise<Plan> {
  const { registry, chain, ask } = connection;
  const nonce = await nextNonce(connection, account);
  const to = registry;
  const data = encode(call);
  const estimate = await ask((client) => client.estimateGas({ account, to, data }));
  const gas = estimate * (100n + GAS_MARGIN) / 100n;
  const fees = await readFees(connection);
  const cost = gas * (fees.type === "legacy" ? fees.gasPrice : fees.maxFeePerGas);
  const balance = await ask((client) => client.getBalance({ address: account }));
  if (balance < cost) {
    throw new ToolError(
      `The account ${account} can't pay for the transaction on ${chain.name}: it has ` +
        `${formatAmount(balance, connection)} and needs ${formatAmount(cost, connection)}`,
    );
  }
  return { transaction: { ...fees, chainId: chain.id, to, data, nonce, gas }, cost, balance };
}

/**
 * The account's next nonce, from 0. While an earlier transaction waits there is none: a task that was stopped or
 * ran out of time may have sent it, and running the task again must not send the same a second time.
 *
 * @throws {ToolError} A transaction of the account waits to be mined.
 */
export async function nextNonce({ ask }: Connection, address: Address): Promise<number> {
  const [mined, pending] = await ask((client) =>
    Promise.all([
      client.getTransactionCount({ address, blockTag: "latest" }),
      client.getTransactionCount({ address, blockTag: "pending" }),
    ])
  );
  if (pending <= mined) return mined;
  throw new ToolError(
    `The account ${address} has a transaction (nonce ${mined}) that waits to be mined, maybe of an ` +
      "earlier run of this task. Nothing was sent now. Wait for it, or replace it with your wallet, and " +
      "ask `deno task status` what it did",
  );
}

async function readFees({ ask }: Connection): Promise<Fees> {
  return await ask(async (client) => {
    const { baseFeePerGas } = await client.getBlock();
    return baseFeePerGas === null
      ? { type: "legacy", gasPrice: await client.getGasPrice() }
      : { type: "eip1559", ...await client.estimateFeesPerGas({ type: "eip1559" }) };
  });
}

/** An amount of money for people. */
export function formatAmount(wei: bigint, { chain }: Connection): string {
  const { decimals, symbol } = chain.nativeCurrency;
  return `${formatUnits(wei, decimals)} ${symbol}`;
}
