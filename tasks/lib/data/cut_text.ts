/**
 * Cuts text to the columns that a terminal has room for.
 *
 * @module
 */

import stringWidth from "string-width";

/** Cuts text that is wider than so many columns; an ellipsis shows it. */
export function cutText(text: string, columns: number): string {
  if (text.length <= columns && stringWidth(text) <= columns) return text;
  let width = 0;
  let kept = "";
  for (const char of text) {
    width += stringWidth(char);
    if (width >= columns) return `${kept}…`;
    kept += char;
  }
  return kept;
}
