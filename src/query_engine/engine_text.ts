/**
 * Text that the Query Engine sent, as a log may show it.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../printable.ts";
import type { Redact } from "../redact.ts";

/** More of the engine's text isn't looked at. */
const LONGEST_TEXT = 8_000;

const LONGEST_SHOWN = 500;

/** Shows text from the engine, or hides it. */
export class EngineText {
  readonly #redact: Redact;
  readonly #show: boolean;

  /** Texts are shown without what `redact` hides, or not at all. */
  constructor(redact: Redact, show: boolean) {
    this.#redact = redact;
    this.#show = show;
  }

  /**
   * The text, cleaned and cut, behind a few words of ours: `show("x", ": ")` is `: x`. Nothing if the
   * text is empty or the engine's text isn't shown.
   */
  show(text: string, prefix = "", longest: number = LONGEST_SHOWN): string {
    if (text === "" || !this.#show) return "";
    const safe = printable(this.#redact(text.slice(0, LONGEST_TEXT)));
    return prefix + (safe.length > longest ? `${safe.slice(0, longest)}...` : safe);
  }

  /** The engine's own explanation of an error (`detail`), behind a colon. */
  detail(answer: unknown): string {
    return this.show(detailOf(answer), ": ");
  }
}

const Answer = v.object({ detail: v.optional(v.unknown()) });

/** FastAPI's way to say what is wrong with a request. */
const Problems = v.array(v.object({
  loc: v.optional(v.array(v.union([v.string(), v.number()])), []),
  msg: v.string(),
}));

function detailOf(answer: unknown): string {
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
