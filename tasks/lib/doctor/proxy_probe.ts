/**
 * Looks at the proxies that the environment sets.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import type { Finding, Probe } from "./examination.ts";

const VARIABLES = ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"].flatMap((name) => [
  name,
  name.toLowerCase(),
]);
const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };
const SOCKS_PORT = 1080;

/** The proxies. Of their URLs only host and port are shown: the rest may be a credential. */
export const proxyProbe: Probe = {
  name: "proxy",
  neededFor: "networks that are reached through one",
  remedy: "correct the variable or unset it; NO_PROXY lists hosts that need no proxy",
  async look() {
    const set = VARIABLES.flatMap((name) => {
      const text = Deno.env.get(name);
      return text ? [{ name, text }] : [];
    });
    if (set.length === 0) return { status: "ok", seen: "none is set" };
    const findings = await Promise.all(set.map(({ name, text }) => tryProxy(name, text)));
    const missing = findings.filter(({ status }) => status === "missing");
    if (missing.length === 0) {
      return { status: "ok", seen: findings.map(({ seen }) => seen).join("; ") };
    }
    return {
      status: "missing",
      seen: missing.map(({ seen }) => seen).join("; "),
    };
  },
};

async function tryProxy(name: string, text: string): Promise<Finding> {
  const url = [text, `http://${text}`].find((text) => URL.canParse(text) && new URL(text).host);
  if (url === undefined) return { status: "missing", seen: `${name} isn't a URL` };
  const { protocol, hostname, port } = new URL(url);
  const number = Number(port) || (PORTS[protocol] ?? SOCKS_PORT);
  const shown = `${protocol}//${hostname}:${number} (${name})`;
  try {
    const connection = await Deno.connect({
      hostname: hostname.replaceAll(/[[\]]/g, ""),
      port: number,
    });
    connection.close();
    return { status: "ok", seen: shown };
  } catch (error) {
    return { status: "missing", seen: `${shown} can't be reached: ${messageOf(error)}` };
  }
}
