/**
 * The RPC of a chain, as its user named it.
 *
 * @module
 */

import { isLoopback } from "../../../src/loopback.ts";
import { ToolError } from "../errors.ts";

/** An RPC's URL, which may hold credentials in any of its parts but the host. */
export class Rpc {
  /** The whole URL: never for an eye. */
  readonly url: URL;

  /**
   * Reads an RPC's URL.
   *
   * @throws {ToolError} It isn't one, or what it answers could be forged on the way.
   */
  constructor(url: string) {
    if (!URL.canParse(url)) {
      throw new ToolError("--rpc is no URL; expected one such as https://rpc.moksha.vana.org");
    }
    this.url = new URL(url);
    const { protocol } = this.url;
    if (protocol === "https:" || (protocol === "http:" && isLoopback(this.url))) return;
    throw new ToolError(
      `--rpc ${this.host} is not https; what it says about an instruction could be forged on the ` +
        "way. http is for this machine itself, where a tunnel to the RPC may end",
    );
  }

  /** What of the URL may be shown. */
  get host(): string {
    return this.url.host;
  }

  /** Takes out of a text whatever of the URL may be a credential. */
  redact(text: string): string {
    const { href, pathname, search, username, password } = this.url;
    return [href, `${pathname}${search}`, pathname, search, username, password]
      .filter((part) => part.length > 1)
      .reduce((rest, part) => rest.replaceAll(part, "..."), text);
  }
}
