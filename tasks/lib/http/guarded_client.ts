/**
 * Clients for requests to URLs that a stranger controls.
 *
 * @module
 */

import { type Connect, connect } from "../../../src/query_engine/request.ts";
import { PinnedClient } from "./pinned_client.ts";
import { AddressGuard, type Reach } from "./reach.ts";

/** Makes clients that connect to no address but those that a URL may reach. */
export function guardedConnect(reach: Reach): Connect {
  const guard = new AddressGuard(reach);
  return async (url) => {
    const addresses = await guard.check(url);
    if (url.protocol !== "https:" || addresses.length === 0) return await connect();
    return new PinnedClient(addresses, Number(url.port) || 443);
  };
}
