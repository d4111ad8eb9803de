/**
 * Who may ask a workbench: its own page, with the token of the address that it was opened by.
 *
 * Any page in the browser can send requests to this machine, so a request must name this server as its
 * host, come from this server's own page, and carry the token. The token isn't a cookie: those are
 * shared among all ports of a host.
 *
 * @module
 */

import { timingSafeEqual } from "node:crypto";
import { TOKEN_HEADER } from "../wire.ts";

/** Makes a token that can't be guessed. */
export function makeToken(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}

/** Refuses a request for another host, or from another page; `undefined` if there is nothing to refuse. */
export function refuseForeign(request: Request, port: number): Response | undefined {
  const host = request.headers.get("host") ?? "";
  if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) {
    return refusal("This server only answers requests to 127.0.0.1 and localhost");
  }
  const origin = request.headers.get("origin");
  if (origin !== null && origin !== `http://${host}`) {
    return refusal("This server only answers requests from its own page");
  }
  const site = request.headers.get("sec-fetch-site");
  const navigation = request.headers.get("sec-fetch-mode") === "navigate" &&
    request.headers.get("sec-fetch-dest") === "document";
  if (site === null || site === "same-origin" || site === "none" || navigation) return undefined;
  return refusal("This server only answers requests from its own page");
}

/** Refuses a request without the token. */
export function refuseStranger(request: Request, token: string): Response | undefined {
  const given = new TextEncoder().encode(request.headers.get(TOKEN_HEADER) ?? "");
  const wanted = new TextEncoder().encode(token);
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return undefined;
  return refusal("The token is missing or wrong; open the address that the terminal shows", 401);
}

function refusal(message: string, status = 403): Response {
  return Response.json({ error: message }, { status });
}

/**
 * Adds what every response has: nothing is loaded from elsewhere, no script or style runs but the
 * page's own, and no other page may embed, read or frame it.
 *
 * @param policy The Content-Security-Policy, where it isn't that of data.
 */
export function withSecurityHeaders(
  response: Response,
  policy = "default-src 'none'; frame-ancestors 'none'; sandbox",
): Response {
  const { headers } = response;
  headers.set("content-security-policy", policy);
  headers.set("x-content-type-options", "nosniff");
  headers.set("referrer-policy", "no-referrer");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("cross-origin-opener-policy", "same-origin");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  return response;
}

/** The style that Observable Plot puts into each picture; it changes with Plot's version only. */
const PLOT_STYLE = "sha256-jSYQUrW7J0b3jPqhZP9C2Xh1PyJKHKXd4s0fpGGKrww=";

/** The policy of the page. Its styles that scripts make carry the nonce. */
export function pagePolicy(nonce: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}' '${PLOT_STYLE}'`,
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * The policy of an HTML artifact in its frame: its own inline styles and pictures, and nothing that is
 * loaded or run.
 */
export const ARTIFACT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
