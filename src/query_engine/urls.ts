/**
 * URLs that servers give.
 *
 * @module
 */

import { QueryEngineError } from "../errors.ts";

/**
 * Parses a URL that a server gave.
 *
 * @throws {QueryEngineError} It isn't an http or https URL.
 */
export function parseHttpUrl(text: string, base: URL, what: "results URL" | "redirect"): URL {
  const url = URL.canParse(text, base) ? new URL(text, base) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new QueryEngineError(
      `The server gave a ${what} that isn't http or https; expected a URL to request`,
    );
  }
  return url;
}

/** The credentials of a URL, as an `Authorization` header; `undefined` if it has none. */
export function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const bytes = new TextEncoder().encode(`${decode(username)}:${decode(password)}`);
  return `Basic ${bytes.toBase64()}`;
}

/** A URL without its credentials, which `fetch` refuses. */
export function withoutCredentials(url: URL): URL {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  return bare;
}

/**
 * Where a redirect leads. A header's bytes show as Latin-1, but mean themselves: `é` in UTF-8 is two
 * bytes, and asking for its two Latin-1 characters would be asking for something else.
 */
export function redirectOf({ status, headers }: Response): string | undefined {
  const location = headers.get("location");
  if (status < 300 || status > 399 || location === null) return undefined;
  return location.replaceAll(
    /[\x80-\xff]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
