/**
 * Text of programs and files, made fit for the page.
 *
 * @module
 */

import { printable } from "../../../../src/printable.ts";
import { ROOT } from "../../project.ts";

/** Makes text safe to show, and names the checkout's own files without the checkout's path. */
export function shownText(text: string): string {
  return printable(text.replaceAll(`${ROOT}/`, ""), "\n\t");
}
