/**
 * Opens an address in the person's browser.
 *
 * @module
 */

import { hasProgram, startCommand } from "../../process/command.ts";

/**
 * Opens an address, if there is a program for it.
 *
 * The program gets the path of a page that leads to the address, and not the address itself: every user
 * of this machine can see it in the list of processes, and it carries the token.
 *
 * @param page Where that page is written, in a folder of this user's own.
 */
export function openBrowser(url: string, page: string): void {
  const program = Deno.build.os === "darwin" ? "open" : "xdg-open";
  if (!hasProgram(program)) return;
  const html = `<!doctype html><meta charset="utf-8"><title>Workbench</title>` +
    `<meta http-equiv="refresh" content="0;url=${url}"><a href="${url}">Open the workbench</a>\n`;
  Deno.writeTextFileSync(page, html, { mode: 0o600 });
  startCommand({ program, args: [page] }, "null").unref();
}
