/** Which characters of a program are pointed out to its reader. */

import assert from "node:assert/strict";
import { hiddenCharacters } from "../../../tasks/lib/hidden_characters.ts";

const HIDDEN = {
  "a bidirectional control": "a \u202e b",
  "a zero-width space": "a\u200bb",
  "a variation selector": "a\ufe0f",
  "a variation selector beyond the first plane": "\u{1f600}\u{e0100}",
  "a tag": "a\u{e0041}",
  "a letter that shows nothing": "a\u3164",
  "a soft hyphen": "a\u00adb",
  "a line separator": "// a\u2028b()",
  "a terminal code": "a\x1b[2K",
  "a carriage return that lets a terminal write over the line": "evil();\r// harmless",
  "a byte order mark": "\ufeffa",
  "code that is out of sight": `a();${" ".repeat(300)}evil();`,
  "code that is out of sight, by wide spaces": `a();${"\u3000".repeat(300)}evil();`,
};

for (const [what, text] of Object.entries(HIDDEN)) {
  Deno.test(`a program with ${what} is noted`, () => {
    const note = hiddenCharacters(new TextEncoder().encode(`first\n${text}\nlast`), "It");
    assert.match(note ?? "nothing", /^It has invisible or reordering characters on 1 line, .* 2: /);
  });
}

Deno.test("a program that isn't UTF-8, which an editor may show otherwise, is noted", () => {
  const utf16 = new Uint8Array(new Uint16Array([0xfeff, 0x61]).buffer);
  assert.match(hiddenCharacters(utf16, "It") ?? "nothing", /on 1 line/);
});

Deno.test("what a person sees as it is isn't noted", () => {
  const plain = `\tif (a) {\r\n${" ".repeat(300)}b("grüße, 世界 \u2764\ufe0f");\r\n}${
    " ".repeat(300)
  }\n`;
  assert.equal(hiddenCharacters(new TextEncoder().encode(plain), "It"), undefined);
});
