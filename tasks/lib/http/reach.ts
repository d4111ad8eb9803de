/**
 * Which addresses a URL may lead to. A URL that a stranger wrote must not make this machine ask another one
 * that only it can reach: a router, a company's server, a cloud's metadata service.
 *
 * @module
 */

import ipaddr from "ipaddr.js";
import { proxyFor } from "../../../src/host/proxy.ts";
import { ToolError } from "../errors.ts";

/**
 * Which addresses a URL may lead to: `"public"` ones only; `"loopback"`: this machine too; `"typed"`: any, as
 * the person typed the URL.
 */
export type Reach = "public" | "loopback" | "typed";

/** A public address by its number: Azure's metadata service, which each virtual machine reaches there. */
const METADATA = "168.63.129.16";
/** All public IPv6 addresses are in it. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");
const NAT64 = ipaddr.IPv6.parseCIDR("64:ff9b::/96");

/** The kinds of addresses that a request and its redirects may go to. */
export class AddressGuard {
  readonly #kinds: Set<string>;
  #typed: boolean;

  /** Admits what a URL may reach. */
  constructor(reach: Reach) {
    this.#kinds = new Set(reach === "loopback" ? ["public", "loopback"] : ["public"]);
    this.#typed = reach === "typed";
  }

  /**
   * Resolves a URL's host and checks every address. The first URL of a `"typed"` reach may have any address,
   * and its redirects may go to addresses of the same kind.
   *
   * @returns The addresses to connect to; none where `fetch` itself, or a proxy, resolves the name.
   * @throws {ToolError} One of them isn't admitted, or there is none.
   */
  async check(url: URL): Promise<string[]> {
    const addresses = await addressesOf(url);
    if (this.#typed) {
      addresses.forEach((address) => this.#kinds.add(kindOf(address)));
      this.#typed = false;
      return [];
    }
    const refused = addresses.find((address) => !this.#kinds.has(kindOf(address)));
    if (refused !== undefined) {
      throw new ToolError(
        `${url.origin} leads to ${refused}, an address that isn't on the public internet ` +
          `(${kindOf(refused)}), so it wasn't asked; expected a public URL`,
      );
    }
    if (proxyFor(url, (name) => Deno.env.get(name)) !== undefined) return [];
    if (addresses.length > 0) return addresses;
    throw new ToolError(`${url.origin} can't be reached: its name doesn't resolve`);
  }
}

async function addressesOf({ hostname }: URL): Promise<string[]> {
  const host = hostname.replace(/^\[|\]$/g, "");
  if (ipaddr.isValid(host)) return [host];
  const answers = await Promise.allSettled([
    Deno.resolveDns(host, "A"),
    Deno.resolveDns(host, "AAAA"),
  ]);
  return answers.flatMap((answer) => answer.status === "fulfilled" ? answer.value : []);
}

/** An address's kind: `public`, or the name of the range that it is in. */
function kindOf(text: string): string {
  // An IPv4 address in an IPv6 address leads to the same machine.
  const address = embedded(ipaddr.process(text));
  const range = address.range();
  if (address.toString() === METADATA) return "metadata";
  if (range !== "unicast") return range;
  return address instanceof ipaddr.IPv4 || address.match(GLOBAL_UNICAST) ? "public" : "reserved";
}

function embedded(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address instanceof ipaddr.IPv4 || !address.match(NAT64)) return address;
  return new ipaddr.IPv4(address.toByteArray().slice(12));
}
