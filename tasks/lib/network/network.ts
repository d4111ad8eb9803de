/**
 * A network: its chain and its contracts.
 *
 * @module
 */

import { connect, type Connection, type ConnectOptions } from "../chain/connection.ts";
import { isLoopback } from "../../../src/loopback.ts";
import type { Reach } from "../http/reach.ts";
import { CONTRACTS, type Contracts, expectAll } from "./contracts.ts";

/** A network: a way to its chain, and where its contracts are. */
export interface Network extends Connection {
  /** The contracts' addresses. */
  contracts: Contracts;
}

/** Which network, and how to reach it. */
export interface NetworkOptions extends ConnectOptions {
  /**
   * Addresses that replace those of the network; a devnet has none of its own.
   *
   * @default none
   */
  contracts?: Partial<Contracts>;
}

/**
 * Prepares a way to a network. Nothing is asked yet.
 *
 * @throws {ToolError} The RPC's URL isn't valid, or isn't safe; or a contract's address is missing.
 */
export function openNetwork({ contracts, ...options }: NetworkOptions): Network {
  const { network } = options;
  const all = { ...network === "devnet" ? {} : CONTRACTS[network], ...contracts };
  return { ...connect(options), contracts: expectAll(all) };
}

/** Which addresses a URL that is on-chain may lead to: this machine too if the chain itself is on it. */
export function reachOf({ rpc }: Network): Reach {
  return isLoopback(rpc.url) ? "loopback" : "public";
}
