/**
 * The networks.
 *
 * @module
 */

import type { Chain } from "viem";
import { vana, vanaMoksha } from "viem/chains";

/** The networks by name; viem knows their chain ids, RPCs and currency. */
export const NETWORKS = { moksha: vanaMoksha, mainnet: vana } as const satisfies Record<
  string,
  Chain
>;

/** A network's name. */
export type NetworkName = keyof typeof NETWORKS;
