/**
 * The networks that instructions are registered on.
 *
 * @module
 */

import type { Chain } from "viem";
import { vana, vanaMoksha } from "viem/chains";
import { ToolError } from "../errors.ts";

/** The networks by the name that `--network` takes; viem knows their chain ids, RPCs and currency. */
export const NETWORKS = { moksha: vanaMoksha, mainnet: vana } as const satisfies Record<
  string,
  Chain
>;

/** A network's name. */
export type NetworkName = keyof typeof NETWORKS;

/** The testnet: a mistake there costs nothing. */
export const DEFAULT_NETWORK: NetworkName = "moksha";

/**
 * Reads a network's name.
 *
 * @throws {ToolError} There is no such network.
 */
export function parseNetwork(name: string): NetworkName {
  if (Object.hasOwn(NETWORKS, name)) return name as NetworkName;
  const known = Object.keys(NETWORKS).join(" or ");
  throw new ToolError(`--network ${JSON.stringify(name)} isn't known; expected ${known}`);
}
