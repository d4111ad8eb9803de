/**
 * Whether a TEE can take a job, and can be asked.
 *
 * @module
 */

import type { Address } from "viem";
import { isLoopback } from "../../../src/loopback.ts";
import { probeEngine } from "../compute_engine/probe.ts";
import { parseTeeUrl } from "../compute_engine/tee_url.ts";
import { ToolError } from "../errors.ts";
import { guardedConnect } from "../http/guarded_client.ts";
import { type Network, reachOf } from "../network/network.ts";
import { findPool, readTee, type TeePool } from "../network/tees.ts";
import type { Findings } from "./findings.ts";
import type { Order } from "./order.ts";

/** So many TEEs of a pool are looked at. */
const MOST_TEES = 20;

/**
 * Looks at the pool that an order's time limit leads to, and at its TEEs: each of them may get the job.
 *
 * @throws {UnreachableError} The chain can't be asked.
 */
export async function checkTees(network: Network, order: Order): Promise<Findings> {
  const needs = `of ${order.maxTime} s${order.gpu ? " with a GPU" : ""}`;
  const pool = await findPool(network, { maxTimeout: BigInt(order.maxTime), gpu: order.gpu });
  if (pool === undefined) return noPool(`No pool of TEEs takes jobs ${needs}`);
  if (pool.dedicated) {
    return noPool(
      `Jobs ${needs} go to a dedicated pool, which only takes jobs sent to a specific TEE`,
    );
  }
  if (pool.activeTees.length === 0) {
    return noPool(`No TEE is active in the pool ${pool.address}, to which jobs ${needs} go`);
  }
  const looked = pool.activeTees.slice(0, MOST_TEES);
  const found = await Promise.all(looked.map((tee) => whyUnusable(network, pool, tee, order)));
  const unusable = found.filter((text) => text !== undefined);
  if (unusable.length === looked.length) {
    return { problems: unusable.map((text) => ({ kind: "tee", text })), warnings: [] };
  }
  const warnings = unusable.map((text) => `The job may come to a TEE that can't be used. ${text}`);
  return { problems: [], warnings };
}

function noPool(text: string): Findings {
  return { problems: [{ kind: "pool", text }], warnings: [] };
}

/** Says why a TEE can't be used; `undefined` if it can. */
async function whyUnusable(
  network: Network,
  pool: TeePool,
  address: Address,
  { allowHttp }: Order,
): Promise<string | undefined> {
  const tee = await readTee(network, { pool: pool.address, tee: address });
  try {
    const onLoopback = isLoopback(network.rpc.url);
    const url = parseTeeUrl(tee?.url ?? "", { allowHttp, onLoopback });
    await probeEngine(url, guardedConnect(reachOf(network)));
    return undefined;
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return `TEE ${address}: ${error.message}`;
  }
}
