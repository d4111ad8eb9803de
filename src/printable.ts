/**
 * Text from outside, made safe for a terminal and for a log line.
 *
 * @module
 */

/**
 * Controls, formatting characters (bidirectional controls, zero-width characters, tags), line and
 * paragraph separators, lone surrogates, and letters that show nothing.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Makes text safe to print on one line: what could move the cursor, reorder the line or hide in it is
 * written as an escape, such as `\u{1b}`.
 *
 * @param text Any text.
 * @param keep Unsafe characters that are left as they are, such as `"\n"`.
 */
export function printable(text: string, keep = ""): string {
  return text.replaceAll(
    UNSAFE,
    (char) =>
      keep.includes(char)
        ? char
        : SHORT_ESCAPES[char] ?? `\\u{${char.codePointAt(0)!.toString(16).padStart(2, "0")}}`,
  );
}
