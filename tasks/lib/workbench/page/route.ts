/**
 * Where the page is: a path names the view, and its parameters what the view shows.
 *
 * @module
 */

import { type Signal, signal } from "@preact/signals";

/** The views. */
export const VIEWS = ["data", "query", "job", "artifacts"] as const;

/** A view. */
export type ViewName = (typeof VIEWS)[number];

/** A place in the page. */
export interface Route {
  /** The view. */
  view: ViewName;
  /** What of it: the rest of the path. */
  rest: string[];
  /** How it is shown. */
  params: URLSearchParams;
}

/** Where the page is now. */
export const route: Signal<Route> = signal(read());

addEventListener("popstate", () => route.value = read());

function read(): Route {
  const [view, ...rest] = location.pathname.split("/").filter((part) => part !== "")
    .map(decodeURIComponent);
  return {
    view: VIEWS.find((name) => name === view) ?? "data",
    rest,
    params: new URLSearchParams(location.search),
  };
}

/** The address of a place. */
export function hrefOf(view: ViewName, ...rest: string[]): string {
  return `/${[view, ...rest].map(encodeURIComponent).join("/")}`;
}

/** Goes to an address; the browser's back button leads back. */
export function go(href: string): void {
  history.pushState(null, "", href);
  route.value = read();
}

/** Changes parameters of the place; `undefined` removes one. */
export function setParams(
  changes: Record<string, string | undefined>,
  { replace = false }: { replace?: boolean } = {},
): void {
  const params = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === "") params.delete(name);
    else params.set(name, value);
  }
  const search = params.size === 0 ? "" : `?${params}`;
  if (search === location.search) return;
  history[replace ? "replaceState" : "pushState"](null, "", location.pathname + search);
  route.value = read();
}
