/**
 * What the chain says about TEEs: the pools that jobs lead to, and the TEEs in them.
 *
 * @module
 */

import { type Address, zeroAddress } from "viem";
import { readContract } from "../chain/read.ts";
import { computeEngine } from "./compute_engine.ts";
import type { Assignment } from "./jobs.ts";
import type { Network } from "./network.ts";
import { TEE_POOL_ABI, TEE_POOL_FACTORY_ABI } from "./tee_pools.ts";

/** The jobs that lead to a pool. */
export interface JobNeeds {
  /** The time that they may take, in seconds. */
  maxTimeout: bigint;
  /** Whether they need a GPU. */
  gpu: boolean;
}

/** A pool of TEEs. */
export interface TeePool {
  /** Its contract. */
  address: Address;
  /**
   * Whether it takes jobs for a TEE of one's own only: that which takes all times that are longer than
   * {@linkcode PoolTimeouts.persistent}.
   */
  dedicated: boolean;
  /** The TEEs that take jobs, each in its turn. */
  activeTees: readonly Address[];
}

/** The time limits by which a job's pool is chosen, in seconds. */
export interface PoolTimeouts {
  /** Up to this, a job goes to an ephemeral pool. */
  ephemeral: bigint;
  /** Up to this, a job goes to a persistent pool; beyond it, to a dedicated one. */
  persistent: bigint;
}

/**
 * Finds the pool that a job leads to.
 *
 * @returns `undefined` if there is none.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function findPool(
  network: Network,
  { maxTimeout, gpu }: JobNeeds,
): Promise<TeePool | undefined> {
  const factory = await readFactory(network);
  const called = { address: factory, abi: TEE_POOL_FACTORY_ABI } as const;
  const [address, { persistent }] = await Promise.all([
    readContract(network, { ...called, functionName: "getTeePoolAddress" }, [maxTimeout, gpu]),
    readPoolTimeouts(network),
  ]);
  if (address === zeroAddress) return undefined;
  const pool = { address, abi: TEE_POOL_ABI } as const;
  const activeTees = await readContract(network, { ...pool, functionName: "activeTeeList" }, []);
  return { address, dedicated: maxTimeout > persistent, activeTees };
}

/**
 * Reads by which time limits pools are chosen.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readPoolTimeouts(network: Network): Promise<PoolTimeouts> {
  const called = { address: await readFactory(network), abi: TEE_POOL_FACTORY_ABI } as const;
  const [ephemeral, persistent] = await Promise.all([
    readContract(network, { ...called, functionName: "ephemeralTimeout" }, []),
    readContract(network, { ...called, functionName: "persistentTimeout" }, []),
  ]);
  return { ephemeral, persistent };
}

async function readFactory(network: Network): Promise<Address> {
  return await readContract(
    network,
    { ...computeEngine(network), functionName: "teePoolFactory" },
    [],
  );
}

/** A TEE in a pool. Its URL is the pool's maintainer's: it can be any text of any length. */
export interface Tee {
  /** Its account. */
  address: Address;
  /** Where its Compute Engine is. */
  url: string;
  /** Whether it takes jobs. One that was removed may still run those that it has. */
  active: boolean;
}

/** The number by which a pool says that a TEE takes jobs. */
const ACTIVE = 1;

/**
 * Reads a TEE.
 *
 * @returns `undefined` if the pool never had it.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readTee(
  network: Network,
  { pool, tee }: Assignment,
): Promise<Tee | undefined> {
  const called = { address: pool, abi: TEE_POOL_ABI, functionName: "tees" } as const;
  const { url, status } = await readContract(network, called, [tee]);
  return status === 0 ? undefined : { address: tee, url, active: status === ACTIVE };
}
