/**
 * Keeps secrets out of messages, no matter who wrote them: the Query Engine's own error text may quote
 * the query back, and the runtime's network errors hold whole URLs.
 *
 * @module
 */

import { hexDigitsOf, plainReading, type Reading, type Span, spanOf } from "./readings.ts";

const REDACTED = "[redacted]";

/** A shorter text is too common a word to be found and cut out. */
const SHORTEST_TEXT = 4;

/** What counts as a part of the signature: so many bytes of it in a row. */
const PART_BYTES = 8;

/** Hides secrets in a text. */
export type Redact = (text: string) => string;

/** What {@linkcode createRedact} hides. */
export interface Secrets {
  /** Hidden in any part of eight bytes or more, in either case, whatever stands between its digits. */
  signature?: string;
  /** Hidden where they appear whole, as they are or escaped for JSON; if they have four characters. */
  texts: readonly string[];
}

/**
 * Makes a function that hides the given secrets, and the query string, fragment and credentials of
 * every URL, in a text.
 */
export function createRedact({ signature, texts }: Secrets): Redact {
  const needles = [
    ...new Set(
      texts
        .filter((text) => text.length >= SHORTEST_TEXT)
        .flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]),
    ),
  ].sort((a, b) => b.length - a.length);
  const findSignature = signatureFinder(signature ?? "");
  return (text) => {
    for (const needle of needles) text = text.replaceAll(needle, REDACTED);
    return hideUrlSecrets(cut(text, findSignature([plainReading(text)])));
  };
}

/** Makes a function that finds the parts of a signature in the readings of a text. */
export function signatureFinder(signature: string): (readings: Reading[]) => Span[] {
  const digits = signature.replace(/^0x/i, "").toLowerCase();
  if (!/^[0-9a-f]{16,}$/.test(digits)) return (readings) => findText(signature, readings);
  const pairs = digits.match(/../g) ?? [];
  const digitParts = new Set([
    ...partsOf(digits, 2 * PART_BYTES),
    ...partsOf([...digits].reverse().join(""), 2 * PART_BYTES),
    ...partsOf(pairs.toReversed().join(""), 2 * PART_BYTES),
  ]);
  const bytes = pairs.map((pair) => String.fromCharCode(parseInt(pair, 16)));
  const byteParts = new Set([
    ...partsOf(bytes.join(""), PART_BYTES),
    ...partsOf(bytes.toReversed().join(""), PART_BYTES),
  ]);
  return (readings) =>
    readings.flatMap((reading) => [
      ...findParts(hexDigitsOf(reading), digitParts, 2 * PART_BYTES),
      ...findParts(reading, byteParts, PART_BYTES),
    ]);
}

/** All stretches of a length in a text. */
export function partsOf(text: string, length: number): string[] {
  return Array.from(
    { length: Math.max(0, text.length - length + 1) },
    (_, at) => text.slice(at, at + length),
  );
}

/** Where a reading holds one of the parts, all of one length. */
export function findParts(reading: Reading, parts: ReadonlySet<string>, length: number): Span[] {
  return partsOf(reading.text, length).flatMap((part, at) =>
    parts.has(part) ? [spanOf(reading, at, at + length)] : []
  );
}

/** Where readings hold a text that isn't hexadecimal. */
function findText(text: string, readings: Reading[]): Span[] {
  const length = Math.min(text.length, PART_BYTES);
  if (length < SHORTEST_TEXT) return [];
  const parts = new Set(partsOf(text, length));
  return readings.flatMap((reading) => findParts(reading, parts, length));
}

/** A text with spans of it cut out. */
export function cut(text: string, spans: readonly Span[]): string {
  if (spans.length === 0) return text;
  let result = "";
  let at = 0;
  let open = false;
  for (const [from, to] of spans.toSorted(([a], [b]) => a - b)) {
    if (from > at || !open) result += text.slice(at, Math.max(at, from)) + REDACTED;
    open = true;
    at = Math.max(at, to);
  }
  return result + text.slice(at);
}

/** A text in which URLs show no credentials, query string or fragment. */
export function hideUrlSecrets(text: string): string {
  return text.replaceAll(
    /(\bhttps?:\/\/)(?:[^\s/?#"'<>@]*@)?([^\s?#"'<>()]*)([?#][^\s"'<>()]*)?/gi,
    (_, scheme: string, place: string, rest?: string) =>
      scheme + place + (rest === undefined ? "" : `?${REDACTED}`),
  );
}

/** The strings inside a JSON value, and its numbers as text. */
export function valuesIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number" || typeof value === "bigint") return [String(value)];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(valuesIn);
  return [];
}

/** A URL as it may be shown: without credentials, query string and fragment. */
export function describeUrl(url: URL): string {
  return url.origin + url.pathname;
}
