/**
 * Transactions: what they would do, and what they cost at most.
 *
 * @module
 */

import { type Address, formatUnits, type Hex } from "viem";
import { ToolError } from "../errors.ts";
import { type ContractCall, encodeCall } from "./call.ts";
import type { Connection } from "./connection.ts";
import { RevertedError, UnreachableError } from "./errors.ts";

/** The gas that a call takes can grow between the estimate and the block, by this many percent. */
const GAS_MARGIN = 20n;

/** Where the money of a test network comes from. */
const FAUCET = "https://faucet.vana.org";

/** A transaction that any wallet can sign. */
export interface UnsignedTransaction {
  /** The contract. */
  to: Address;
  /** The call. */
  data: Hex;
  /** The money that goes with the call, in wei, as a decimal number. */
  value: string;
  /** The network's chain id. */
  chainId: number;
}

/** Makes a transaction for another wallet, which adds account, nonce and fees. */
export function unsignedTransaction(
  { chain }: Connection,
  call: ContractCall,
): UnsignedTransaction {
  return { to: call.address, data: encodeCall(call), value: `${call.value}`, chainId: chain.id };
}

/** The most that a transaction pays for a unit of gas, in wei. */
type Fees =
  | { type: "eip1559"; maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }
  | { type: "legacy"; gasPrice: bigint };

/** A transaction to be signed. */
export type PreparedTransaction = Fees & {
  /** The chain it is for, and for no other. */
  chainId: number;
  /** The contract. */
  to: Address;
  /** The call. */
  data: Hex;
  /** The money that goes with the call, in wei. */
  value: bigint;
  /** The number of the account's transaction, from 0. */
  nonce: number;
  /** The most gas it may use. */
  gas: bigint;
};

/** A prepared transaction and its price. */
export interface Plan {
  /** What is to be signed. */
  transaction: PreparedTransaction;
  /** The most that the gas can cost, in wei. */
  cost: bigint;
  /** What the account has, in wei. */
  balance: bigint;
}

/** A call, and the account that makes it. */
export interface CallByAccount {
  /** The call. */
  call: ContractCall;
  /** The account. */
  account: Address;
}

/**
 * Simulates a call by an account.
 *
 * @param block The block on which; without it, the latest.
 * @throws {RevertedError} The contract refuses it.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function simulate(
  { ask }: Connection,
  { call, account, block }: CallByAccount & { block?: bigint },
): Promise<void> {
  const { address, abi, functionName, args, value, explain } = call;
  const at = block === undefined ? {} : { blockNumber: block };
  try {
    await ask((client) =>
      client.simulateContract({ address, abi, functionName, args, value, account, ...at })
    );
  } catch (error) {
    if (!(error instanceof RevertedError)) throw error;
    const words = explain({ errorName: error.errorName, args: error.args, account });
    throw words === undefined ? error : new RevertedError(words, error);
  }
}

/**
 * Prepares a call's transaction.
 *
 * @throws {ToolError} The account can't pay, or has a transaction that isn't mined yet.
 */
export async function prepare(
  connection: Connection,
  { call, account }: CallByAccount,
): Promise<Plan> {
  const { chain, ask } = connection;
  const { nonce } = await nextNonce(connection, account);
  const { address: to, value } = call;
  const data = encodeCall(call);
  const estimate = await ask((client) => client.estimateGas({ account, to, data, value }));
  const gas = estimate * (100n + GAS_MARGIN) / 100n;
  const fees = await readFees(connection);
  const cost = gas * (fees.type === "legacy" ? fees.gasPrice : fees.maxFeePerGas);
  const balance = await expectFunds(connection, account, value + cost);
  return {
    transaction: { ...fees, chainId: chain.id, to, data, value, nonce, gas },
    cost,
    balance,
  };
}

/**
 * Makes sure that an account has an amount.
 *
 * @returns What it has, in wei.
 * @throws {ToolError} It has less.
 */
export async function expectFunds(
  connection: Connection,
  account: Address,
  wei: bigint,
): Promise<bigint> {
  const { chain, ask } = connection;
  const balance = await ask((client) => client.getBalance({ address: account }));
  if (balance >= wei) return balance;
  const { name, testnet, nativeCurrency: { symbol } } = chain;
  const source = testnet
    ? `Test ${symbol} is free: ask for it at the network's faucet, ${FAUCET}`
    : `Send ${symbol} to the account first`;
  throw new ToolError(
    `The account ${account} can't pay for the transaction on ${name}: it has ` +
      `${formatAmount(balance, connection)} and needs ${formatAmount(wei, connection)}. ${source}`,
  );
}

/** An account's next transaction. */
export interface NextNonce {
  /** Its number, from 0. */
  nonce: number;
  /** Whether it is known that no earlier transaction waits; not every RPC can say. */
  certain: boolean;
}

/**
 * The account's next nonce. While an earlier transaction waits there is none: a task that was stopped or
 * ran out of time may have sent it, and running the task again must not send the same a second time.
 *
 * @throws {ToolError} A transaction of the account waits to be mined.
 */
export async function nextNonce({ ask }: Connection, address: Address): Promise<NextNonce> {
  const mined = await ask((client) => client.getTransactionCount({ address, blockTag: "latest" }));
  let pending: number;
  try {
    pending = await ask((client) => client.getTransactionCount({ address, blockTag: "pending" }));
  } catch (error) {
    // Some RPCs have no `pending` state. A transaction with the nonce of a waiting one can only take its
    // place, so even then nothing is done twice.
    if (!(error instanceof ToolError) || error instanceof UnreachableError) throw error;
    return { nonce: mined, certain: false };
  }
  if (pending <= mined) return { nonce: mined, certain: true };
  throw new ToolError(
    `The account ${address} has a transaction (nonce ${mined}) that is still pending, maybe from an ` +
      "earlier run of this task. Nothing was sent. Wait for it, or replace it with your wallet, and " +
      "find out what it did before you try again",
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

/** An amount of the chain's money, for people. */
export function formatAmount(wei: bigint, { chain }: Connection): string {
  const { decimals, symbol } = chain.nativeCurrency;
  return `${formatUnits(wei, decimals)} ${symbol}`;
}
