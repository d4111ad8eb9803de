/**
 * This machine itself, as a URL names it.
 *
 * @module
 */

/** What a proxy never gets, as `NO_PROXY` names it. */
const EXEMPT: readonly string[] = ["localhost", "127.0.0.0/8", "::1"];

/**
 * Keeps requests to this machine itself from the proxy that the environment sets, for this process and
 * those it starts: the proxy would see what is in them, and could answer in this machine's name. Call
 * it before the first request.
 */
export function exemptLoopbackFromProxies(env: Pick<Deno.Env, "get" | "set">): void {
  const listed = env.get("NO_PROXY") || env.get("no_proxy");
  env.set("NO_PROXY", [...listed ? [listed] : [], ...EXEMPT].join(","));
}

/** Whether a URL leads to this machine itself. */
export function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
