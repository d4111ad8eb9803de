/**
 * The RPC of a chain.
 *
 * @module
 */

import { isLoopback } from "../../../src/loopback.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** A part of a URL that is shorter is no credential; taking it out would only garble messages. */
const SHORTEST_SECRET = 6;
/** A longer text of an RPC is cut. */
const MOST_SHOWN = 500;

/** An RPC's URL, which may hold credentials in any of its parts but the origin. */
export class Rpc {
  /** The whole URL, which is never shown. */
  readonly url: URL;

  /**
   * Reads an RPC's URL.
   *
   * @throws {ToolError} It isn't one, or what it answers could be forged on the way.
   */
  constructor(url: string) {
    if (!URL.canParse(url)) {
      throw new ToolError("The RPC's URL isn't valid; expected one like https://rpc.vana.org");
    }
    this.url = new URL(url);
    const { protocol, host } = this.url;
    if (protocol === "https:" || (protocol === "http:" && isLoopback(this.url))) return;
    throw new ToolError(
      `The URL of the RPC at ${host} isn't https, so its answers could be forged on the way. http ` +
        "is accepted for this machine only, where a tunnel to the RPC may end",
    );
  }

  /** What of the URL may be shown. */
  get origin(): string {
    return this.url.origin;
  }

  /** Whether the URL is no more than its origin, so that all of it may be shown. */
  get isPublic(): boolean {
    return this.url.href === `${this.origin}/`;
  }

  /**
   * A text of the RPC, or about it, made safe to show: without the parts of the URL that may be a
   * credential, without control characters, and cut if it is long.
   */
  clean(text: string): string {
    const shown = this.#secrets().reduce((rest, part) => rest.replaceAll(part, "..."), text);
    const safe = printable(shown.length > MOST_SHOWN ? `${shown.slice(0, MOST_SHOWN)}...` : shown);
    return safe.trim();
  }

  /** Longest first, as one may hold another. */
  #secrets(): string[] {
    const { href, pathname, search, hash, username, password, searchParams } = this.url;
    const parts = [...pathname.split("/"), ...searchParams.values(), username, password, hash];
    return [href, `${pathname}${search}`, search, ...parts, ...parts.map(decoded)]
      .filter((part) => part.length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length);
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
