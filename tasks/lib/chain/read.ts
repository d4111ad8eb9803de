/**
 * Reads contracts: one value, or many of the same kind with few requests.
 *
 * @module
 */

import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  ContractFunctionExecutionError,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  ContractFunctionRevertedError,
} from "viem";
import { ToolError } from "../errors.ts";
import type { Connection } from "./connection.ts";
import { NoFunctionError, RevertedError } from "./errors.ts";

/** The functions that only read. */
type Reading = "pure" | "view";

/** So many calls go into one request: their replies stay far below what RPCs limit. */
const BATCH = 100;

/** A function that can be read. */
export interface ContractFunction<A extends Abi, F extends ContractFunctionName<A, Reading>> {
  /** The contract. */
  address: Address;
  /** Its interface. */
  abi: A;
  /** The function. */
  functionName: F;
}

/** The arguments of a function that can be read. */
export type ReadArgs<A extends Abi, F extends ContractFunctionName<A, Reading>> =
  ContractFunctionArgs<A, Reading, F>;

/** What a function that can be read returns. */
export type ReadResult<A extends Abi, F extends ContractFunctionName<A, Reading>> =
  ContractFunctionReturnType<A, Reading, F>;

/**
 * Reads one value.
 *
 * @throws {RevertedError} The contract refuses the call.
 * @throws {ToolError} There is no such contract, or the RPC can't be asked.
 */
export async function readContract<
  const A extends Abi,
  const F extends ContractFunctionName<A, Reading>,
>(
  connection: Connection,
  called: ContractFunction<A, F>,
  args: ReadArgs<A, F>,
): Promise<ReadResult<A, F>> {
  try {
    return await connection.ask((client) =>
      // viem's own types can't be followed for an interface that isn't known yet.
      client.readContract({ ...called, args } as never)
    ) as ReadResult<A, F>;
  } catch (error) {
    if (!(error instanceof NoFunctionError)) throw error;
    await expectContract(connection, called.address);
    throw new ToolError(
      `The contract at ${called.address} on ${connection.chain.name} has no function ` +
        `${called.functionName}; is it another contract?`,
    );
  }
}

/**
 * Reads a function for many arguments, in as few requests as the chain allows.
 *
 * @returns A value for each of the arguments; `undefined` where the contract refuses the call.
 * @throws {ToolError} There is no such contract, or the RPC can't be asked.
 */
export async function readEach<
  const A extends Abi,
  const F extends ContractFunctionName<A, Reading>,
>(
  connection: Connection,
  called: ContractFunction<A, F>,
  argsOfEach: readonly ReadArgs<A, F>[],
): Promise<(ReadResult<A, F> | undefined)[]> {
  const read = await canBatch(connection) ? readBatch : readSingly;
  const values: unknown[] = [];
  for (let at = 0; at < argsOfEach.length; at += BATCH) {
    values.push(...await read(connection, called, argsOfEach.slice(at, at + BATCH)));
  }
  return values as (ReadResult<A, F> | undefined)[];
}

/** A function with its types forgotten. */
type AnyFunction = { address: Address; abi: Abi; functionName: string };

async function readBatch(
  { ask }: Connection,
  called: AnyFunction,
  argsOfEach: readonly unknown[],
): Promise<unknown[]> {
  const contracts = argsOfEach.map((args) => ({ ...called, args: args as readonly unknown[] }));
  return await ask(async (client) => {
    const results = await client.multicall({ contracts, batchSize: 0 });
    return results.map(({ status, result, error }) => {
      if (status === "success") return result;
      if (isRefusal(error, called.functionName)) return undefined;
      throw error;
    });
  });
}

/** Whether the function itself reverted, and not the call that holds all calls. */
function isRefusal(error: Error, functionName: string): boolean {
  return error instanceof ContractFunctionExecutionError &&
    error.functionName === functionName &&
    error.walk((cause) => cause instanceof ContractFunctionRevertedError) !== null;
}

async function readSingly(
  connection: Connection,
  called: AnyFunction,
  argsOfEach: readonly unknown[],
): Promise<unknown[]> {
  return await Promise.all(argsOfEach.map(async (args) => {
    try {
      return await readContract(connection, called, args as readonly unknown[]);
    } catch (error) {
      if (error instanceof RevertedError) return undefined;
      throw error;
    }
  }));
}

/** Whether the chain has the contract that makes many calls in one; a local chain has none. */
async function canBatch({ chain, ask }: Connection): Promise<boolean> {
  const address = chain.contracts?.multicall3?.address;
  if (address === undefined) return false;
  return await ask((client) => client.getCode({ address })) !== undefined;
}

/**
 * Makes sure that there is a contract at an address. A transaction to an address without one succeeds,
 * and takes the money that goes with it.
 *
 * @throws {ToolError} There is none.
 */
export async function expectContract({ chain, ask }: Connection, address: Address): Promise<void> {
  if (await ask((client) => client.getCode({ address })) !== undefined) return;
  throw new ToolError(
    `There is no contract at ${address} on ${chain.name}; expected the address of one`,
  );
}
