/**
 * Why a request got no answer.
 *
 * @module
 */

import { messageOf } from "./errors.ts";

/**
 * Says why the network failed, in the words of the first cause: without the URL that the runtime puts
 * into its message, which may be pre-signed.
 */
export function networkReason(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  const text = messageOf(cause);
  return /client error \(\w+\): (.*)$/s.exec(text)?.[1] ??
    text.replaceAll(/\(?https?:\/\/[^\s)]*\)?/g, "the URL");
}
