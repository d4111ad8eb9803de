/**
 * Looks for a network's RPC.
 *
 * @module
 */

import type { Connection } from "../chain/connection.ts";
import type { Probe } from "./examination.ts";

/** The RPC of a network. */
export function rpcProbe({ chain, rpc, ask }: Connection): Probe {
  return {
    name: "RPC",
    neededFor: "`register`, `status`, `approve`, `revoke` and other tasks on-chain",
    remedy: "check the network, proxy and certificates, or name another RPC with --rpc",
    async look() {
      const block = await ask((client) => client.getBlockNumber());
      return { status: "ok", seen: `${chain.name} by ${rpc.origin}, block ${block}` };
    },
  };
}
