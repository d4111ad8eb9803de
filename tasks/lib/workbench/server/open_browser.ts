/**
 * Opens an address in the person's browser.
 *
 * @module
 */

import { hasProgram, startCommand } from "../../command.ts";

/** Opens an address, if there is a program for it; the person can open it as well. */
export function openBrowser(url: string): void {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  if (!hasProgram(program)) return;
  startCommand({ program, args: [url] }, "null").unref();
}
