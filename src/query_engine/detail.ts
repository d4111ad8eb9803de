/**
 * The Query Engine's own explanation of an error.
 *
 * @module
 */

import * as v from "valibot";
import type { Redact } from "../redact.ts";

/** Characters of the engine's own error text that are passed on. */
const LONGEST_DETAIL = 500;

const Detail = v.object({
  detail: v.union([
    v.string(),
    v.array(v.object({
      loc: v.optional(v.array(v.union([v.string(), v.number()])), []),
      msg: v.string(),
    })),
  ]),
});

/** The engine's own explanation; it may quote the query, which is cut out. */
export function detailOf(answer: unknown, redact: Redact): string {
  const result = v.safeParse(Detail, answer);
  if (!result.success) return "";
  const { detail } = result.output;
  const text = typeof detail === "string"
    ? detail
    : detail.map(({ loc, msg }) => loc.length === 0 ? msg : `${loc.join(".")}: ${msg}`).join("; ");
  const safe = redact(text);
  return safe.length > LONGEST_DETAIL ? `${safe.slice(0, LONGEST_DETAIL)}...` : safe;
}
