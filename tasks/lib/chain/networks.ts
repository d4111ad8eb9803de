/**
 * The networks.
 *
 * @module
 */

import type { Chain } from "viem";
import { vana, vanaMoksha } from "viem/chains";

/** The chain of a network on this machine, as `deno task devnet` starts it. */
export const DEVNET = {
  id: 14801,
  name: "Devnet",
  nativeCurrency: vana.nativeCurrency,
  rpcUrls: { default: { http: [] } },
} as const satisfies Chain;

/** The networks by name; viem knows the public ones' chain ids, RPCs and currency. */
export const NETWORKS = {
  moksha: vanaMoksha,
  mainnet: vana,
  devnet: DEVNET,
} as const satisfies Record<
  string,
  Chain
>;

/** A network's name. */
export type NetworkName = keyof typeof NETWORKS;

/** The name of a network that is the same for everyone. */
export type PublicNetworkName = Exclude<NetworkName, "devnet">;
