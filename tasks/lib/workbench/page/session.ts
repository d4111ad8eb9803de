/**
 * What the page keeps in the browser: the token that it was opened with, and drafts.
 *
 * @module
 */

const TOKEN = "workbench-token";

/**
 * The token of this server. It comes in the address's fragment, which a browser sends to no server, and is
 * kept for this origin: a reload and a second tab need it, too.
 */
export function takeToken(): string | undefined {
  const [, given] = /^#token=([\w-]+)$/.exec(location.hash) ?? [];
  if (given === undefined) return localStorage.getItem(TOKEN) ?? undefined;
  localStorage.setItem(TOKEN, given);
  history.replaceState(null, "", location.pathname + location.search);
  return given;
}

/** Forgets a token that isn't valid any more. */
export function forgetToken(): void {
  localStorage.removeItem(TOKEN);
}

/** What was kept under a name in this tab. */
export function recall<T>(name: string): T | undefined {
  try {
    return JSON.parse(sessionStorage.getItem(name) ?? "null") ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps something under a name, until the tab is closed. */
export function remember(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(name, JSON.stringify(value));
  } catch {
    // It is full: a reload loses the draft, and nothing else.
  }
}
