/**
 * Text that the Query Engine sent, as a log may show it.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../printable.ts";
import { parseExactly } from "./exact_json.ts";
import { valueFinder } from "./query_values.ts";
import { readingsOf, type Span } from "../readings.ts";
import { cut, hideUrlSecrets, signatureFinder } from "../redact.ts";

/** More of the engine's text isn't looked at. */
const LONGEST_TEXT = 8_000;

const LONGEST_SHOWN = 500;

/** What could be a signature, or any other key. */
const HEX_RUN = /[0-9a-f]{16,}/gi;

/** What must not be shown of a query. */
export interface QuerySecrets {
  /** The signature. */
  signature: string;
  /** The SQL: its values are secret, its names aren't. */
  query: string;
  /** The values of its placeholders. */
  params?: unknown;
}

/** Shows text from the engine without a query's secrets, or hides it. */
export class EngineText {
  readonly #secrets: QuerySecrets;
  readonly #show: boolean;
  #find?: (text: string) => Span[];

  /** With `show: false` no text of the engine is shown at all. */
  constructor(secrets: QuerySecrets, show: boolean) {
    this.#secrets = secrets;
    this.#show = show;
  }

  /**
   * The text, cleaned and cut, behind a few words of ours: `show("x", ": ")` is `: x`. Nothing if the
   * text is empty or the engine's text isn't shown.
   */
  show(text: string, prefix = "", longest: number = LONGEST_SHOWN): string {
    if (text === "" || !this.#show) return "";
    const safe = printable(this.#clean(text.slice(0, LONGEST_TEXT).toWellFormed()));
    return prefix + (safe.length > longest ? `${safe.slice(0, longest)}...` : safe);
  }

  /** A message of ours that quotes names from the engine's data. */
  message(text: string): string {
    return this.#clean(this.#show ? text : text.replaceAll(/"[^"]*"/g, '"..."'));
  }

  #clean(text: string): string {
    this.#find ??= secretFinder(this.#secrets);
    return hideUrlSecrets(cut(text, this.#find(text)));
  }

  /** The engine's own explanation of an error (`detail`), behind a colon. */
  detail(answer: unknown): string {
    return this.show(detailOf(answer), ": ");
  }
}

function secretFinder({ signature, query, params }: QuerySecrets): (text: string) => Span[] {
  const findSignature = signatureFinder(signature);
  const findValues = valueFinder(query, typeof params === "string" ? parseExactly(params) : params);
  return (text) => {
    const readings = readingsOf(text);
    const runs = text.matchAll(HEX_RUN)
      .map(({ 0: run, index }): Span => [index, index + run.length]);
    return [...runs, ...findSignature(readings), ...findValues(text, readings)];
  };
}

const Answer = v.object({ detail: v.optional(v.unknown()) });

/** FastAPI's way to say what is wrong with a request. */
const Problems = v.array(v.object({
  loc: v.optional(v.array(v.union([v.string(), v.number()])), []),
  msg: v.string(),
}));

/** The explanation in an error that FastAPI answers: a text, or a list of problems; empty if there is none. */
export function detailOf(answer: unknown): string {
  const parsed = v.safeParse(Answer, answer);
  if (!parsed.success) return "";
  const { detail } = parsed.output;
  if (detail === undefined || detail === null) return "";
  if (typeof detail === "string") return detail;
  const problems = v.safeParse(Problems, detail);
  if (!problems.success) return JSON.stringify(detail);
  return problems.output.map(({ loc, msg }) => loc.length === 0 ? msg : `${loc.join(".")}: ${msg}`)
    .join("; ");
}
