/**
 * The URLs of TEEs, which their operators choose.
 *
 * @module
 */

import { isLoopback } from "../../../src/loopback.ts";
import { printable } from "../../../src/printable.ts";
import { describeUrl } from "../../../src/redact.ts";
import { ToolError } from "../errors.ts";

/** A longer URL is no URL of a Compute Engine. */
const LONGEST_URL = 2000;
const LONGEST_SHOWN = 100;

/** What is admitted of a TEE's URL. */
export interface TeeUrlOptions {
  /** Admit plain http, by which the signature can be read on the way. */
  allowHttp: boolean;
  /** Whether the chain is on this machine: then a TEE may be, too, by plain http. */
  onLoopback: boolean;
}

/**
 * Reads a TEE's URL.
 *
 * @returns The URL, with a slash at its end.
 * @throws {ToolError} It isn't one, or what is sent to it could be read on the way.
 */
export function parseTeeUrl(text: string, { allowHttp, onLoopback }: TeeUrlOptions): URL {
  const url = URL.canParse(text) && text.length <= LONGEST_URL ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol)) {
    const shown = printable(text.slice(0, LONGEST_SHOWN));
    throw new ToolError(
      `The TEE's URL on-chain is "${shown}"; expected the https URL of a Compute Engine`,
    );
  }
  if (url.username !== "" || url.password !== "") {
    throw new ToolError(
      `The TEE's URL on-chain holds a password; expected the https URL of a Compute Engine`,
    );
  }
  if (url.protocol === "http:" && !allowHttp && !(onLoopback && isLoopback(url))) {
    throw new ToolError(
      `The TEE's URL ${
        describeUrl(url)
      } is plain http. The signature that opens the job's artifacts, ` +
        "permanently, would be sent unencrypted; allow http only if that doesn't matter",
    );
  }
  url.search = "";
  url.hash = "";
  url.pathname = url.pathname.replace(/\/*$/, "/");
  return url;
}
