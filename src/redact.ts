/**
 * Keeps secrets out of messages, whoever wrote them: the engine's own error text may quote the
 * query back, and the runtime's network errors hold whole URLs.
 *
 * @module
 */

const REDACTED = "[redacted]";

/** Below this many characters a value is too common a word to be found in a text and cut out. */
const SHORTEST_SECRET = 4;

/** Hides secrets in a text. */
export type Redact = (text: string) => string;

/**
 * Makes a function that hides the given secrets, and the query string, fragment and credentials of
 * every URL, in a text.
 *
 * @param secrets The values to hide, also in their JSON-escaped form. Values of less than four
 * characters are left alone: they would hide parts of ordinary words.
 */
export function createRedact(secrets: readonly string[]): Redact {
  const needles = [
    ...new Set(
      secrets
        .filter((secret) => secret.length >= SHORTEST_SECRET)
        .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
    ),
  ].sort((a, b) => b.length - a.length);
  return (text) => {
    for (const needle of needles) text = text.replaceAll(needle, REDACTED);
    return text.replaceAll(
      /(\bhttps?:\/\/)(?:[^\s/?#"'<>@]*@)?([^\s?#"'<>()]*)([?#][^\s"'<>()]*)?/gi,
      (_, scheme: string, place: string, rest?: string) =>
        scheme + place + (rest === undefined ? "" : `?${REDACTED}`),
    );
  };
}

/** The strings inside a JSON value, and its numbers as text: what {@linkcode createRedact} takes. */
export function secretsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(secretsIn);
  return [];
}

/** A URL as it may be shown: without credentials, query string and fragment. */
export function describeUrl(url: URL): string {
  return url.origin + url.pathname;
}
