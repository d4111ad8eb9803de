/**
 * What is posted for a job to be run.
 *
 * @module
 */

import * as v from "valibot";
import { invalid } from "./api_error.ts";
import type { RunInput } from "./runs.ts";

/** A longer body is refused. */
const LONGEST_BODY_BYTES = 4 * 1024 * 1024;

const Posted = v.object({
  input: v.object({
    query: v.string(),
    query_signature: v.string(),
    params: v.optional(v.array(v.unknown()), []),
    refiner_id: v.pipe(v.number(), v.integer(), v.minValue(1)),
  }),
  webhook: v.nullish(v.string()),
});

/**
 * Reads the body of a POST.
 *
 * @throws {ApiError} It isn't one.
 */
export async function readInput(request: Request): Promise<RunInput> {
  const body = await request.bytes();
  if (body.length > LONGEST_BODY_BYTES) throw invalid(["body"], "Too long");
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw invalid(["body"], "JSON decode error", "json_invalid");
  }
  const parsed = v.safeParse(Posted, value);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const path = v.getDotPath(issue)?.split(".") ?? [];
    throw invalid(["body", ...path], issue.message);
  }
  const { query, query_signature: querySignature, params, refiner_id } = parsed.output.input;
  return { query, querySignature, params, refiner: BigInt(refiner_id) };
}
