/**
 * Breaks text into lines between words.
 *
 * @module
 */

import stringWidth from "string-width";

/**
 * Breaks text into lines of at most `width` columns. A word that is longer has a line of its own, whole: an
 * URL or a digest must be copied in one piece.
 */
export function wrapWords(text: string, width: number): string[] {
  return text.split("\n").flatMap((paragraph) => {
    const lines: string[] = [];
    let line: string | undefined;
    for (const word of paragraph.split(" ")) {
      if (line !== undefined && stringWidth(`${line} ${word}`) <= width) line += ` ${word}`;
      else {
        if (line !== undefined) lines.push(line);
        line = word;
      }
    }
    return [...lines, line ?? ""];
  });
}
