/**
 * The option that names IPFS gateways.
 *
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { isLoopback } from "../../../src/loopback.ts";

/** What `--gateway` means, for a task's help. */
export const GATEWAY_HELP = "an IPFS gateway to ask first for the schema; may be repeated";

/**
 * Adds a gateway to those named before.
 *
 * @throws {InvalidArgumentError} It is no URL, or what it serves could be forged on the way.
 */
export function addGateway(text: string, before: URL[] = []): URL[] {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url))) {
    return [...before, url];
  }
  throw new InvalidArgumentError("expected a URL with https, or with http on this machine");
}
