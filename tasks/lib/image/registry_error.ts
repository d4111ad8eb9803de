/**
 * Says why a registry refused a request, in its own words.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { type Answer, readBody } from "../http/http.ts";

const LARGEST_BODY_BYTES = 1 << 16;
const LONGEST_WORDS = 300;

const ErrorBody = v.looseObject({
  errors: v.array(v.looseObject({ code: v.optional(v.string()), message: v.nullish(v.string()) })),
});

/** Reads a registry's refusal, and makes an error of it. */
export async function registryError(answer: Answer): Promise<ToolError> {
  const { status } = answer.response;
  const words = await wordsOf(answer);
  return new ToolError(
    `${answer.shown} answers ${status}${explain(status)}` + (words === "" ? "" : `\n\n  ${words}`),
  );
}

async function wordsOf(answer: Answer): Promise<string> {
  try {
    const text = await new Response(readBody(answer, LARGEST_BODY_BYTES)).text();
    const { errors } = v.parse(v.pipe(v.string(), v.parseJson(), ErrorBody), text);
    const words = errors.map(({ code = "", message }) => message || code).filter(Boolean);
    return printable([...new Set(words)].join("; ")).slice(0, LONGEST_WORDS);
  } catch {
    // The status is explanation enough.
    return "";
  }
}

function explain(status: number): string {
  if (status === 401 || status === 403) return ": the image isn't public, or doesn't exist";
  if (status === 404) return ": there is no such image";
  if (status === 429) return ": too many requests; try again later";
  return status >= 500 ? ": try again later" : "";
}
