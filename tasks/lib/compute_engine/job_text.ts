/**
 * Text that a Compute Engine sent, as a terminal may show it.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { detailOf } from "../../../src/query_engine/engine_text.ts";
import type { ServerText } from "../../../src/query_engine/transfer.ts";
import { createRedact, type Redact } from "../../../src/redact.ts";

/** More of the engine's text isn't looked at. */
const LONGEST_TEXT = 8000;
const LONGEST_SHOWN = 500;
const LONGEST_LINE = 2000;

/** Where engines put the reason of a failure besides `detail`, in this order. */
const REASONS = ["message", "error", "status_message", "reason"] as const;

/** Shows text of a Compute Engine without a job's signatures. */
export class JobText implements ServerText {
  readonly #redacts: readonly Redact[];

  /** Hides some signatures. */
  constructor(signatures: readonly string[]) {
    this.#redacts = signatures.map((signature) => createRedact({ signature, texts: [] }));
  }

  /** The text, safe to show and cut if it is long, behind a few words of ours; nothing if it is empty. */
  show(text: string, prefix = "", longest: number = LONGEST_SHOWN): string {
    const safe = cutTo(longest, printable(this.#clean(text)).trim());
    return safe === "" ? "" : prefix + safe;
  }

  /** A line of a log, safe to show and cut if it is long, with its white space. */
  line(text: string): string {
    return cutTo(LONGEST_LINE, printable(this.#clean(text), "\t"));
  }

  #clean(text: string): string {
    const start = text.slice(0, LONGEST_TEXT).toWellFormed();
    return this.#redacts.reduce((rest, redact) => redact(rest), start);
  }

  /** The engine's own explanation, behind a colon; nothing if it gives none. */
  detail(answer: unknown): string {
    return this.show(reasonOf(answer), ": ");
  }
}

function cutTo(longest: number, text: string): string {
  return text.length > longest ? `${text.slice(0, longest)}...` : text;
}

function reasonOf(answer: unknown): string {
  const detail = detailOf(answer);
  if (detail !== "" || typeof answer !== "object" || answer === null) return detail;
  for (const name of REASONS) {
    const said = (answer as Record<string, unknown>)[name];
    if (typeof said === "string" && said !== "") return said;
  }
  return "";
}
