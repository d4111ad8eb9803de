/**
 * The proxy that the environment sets for a URL, for messages: Deno itself uses it.
 *
 * @module
 */

import { isLoopback } from "../loopback.ts";
import { describeUrl } from "../redact.ts";
import type { ReadVariable } from "./parameters.ts";

/** The variables by scheme, in the order in which Deno looks at them. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  "https:": ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"],
  "http:": ["ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"],
};

/**
 * Names the proxy that a request to a URL goes through, and the variable that sets it, without
 * credentials: `http://proxy:3128/ (HTTPS_PROXY)`.
 */
export function proxyFor(url: URL, read: ReadVariable): string | undefined {
  if (isLoopback(url) || isExcepted(url.hostname, read("NO_PROXY") ?? read("no_proxy") ?? "")) {
    return undefined;
  }
  const variable = VARIABLES[url.protocol]?.find((name) => read(name));
  if (variable === undefined) return undefined;
  const text = read(variable)!;
  const proxy = [text, `http://${text}`].find((text) => URL.canParse(text) && new URL(text).host);
  return proxy === undefined ? variable : `${describeProxy(new URL(proxy))} (${variable})`;
}

function describeProxy(url: URL): string {
  return url.origin === "null" ? `${url.protocol}//${url.host}` : describeUrl(url);
}

function isExcepted(hostname: string, list: string): boolean {
  return list.split(",").map((entry) => entry.trim().replace(/^\*?\./, "")).some((entry) =>
    entry === "*" || (entry !== "" && (hostname === entry || hostname.endsWith(`.${entry}`)))
  );
}
