/**
 * What the Query Engine writes, as a log shows it: an engine that echoes the signature or the query's
 * values, however encoded, must not get them into a message.
 */

import assert from "node:assert/strict";
import { EngineText } from "../../../src/query_engine/engine_text.ts";
import { testSignature } from "../../support/engine.ts";

const QUERY = `SELECT user_id, average_daily_balance AS "Balance" FROM account_statistics
  WHERE email = 'alice.liddell@example.com' AND country = 'de' AND name <> 'O''Brien-Smith'
    AND age > 4217 AND note LIKE 'call back on %' -- not a 'literal'`;
const PARAMS = ["secret parameter", 31415926, "zz-top", ["nested-value"], 9007199254740993n, 7];

const SIGNATURE = await testSignature(QUERY);
const DIGITS = SIGNATURE.slice(2);
const BYTES = Uint8Array.fromHex(DIGITS);

const text = new EngineText({ signature: SIGNATURE, query: QUERY, params: PARAMS }, true);
const show = (said: string) => text.show(said, "", 10_000);

const utf8 = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => utf8(text).toBase64();
const each = (text: string, map: (char: string) => string) => [...text].map(map).join("");
const code = (char: string) => char.charCodeAt(0);
const hex = (char: string, width = 2) => code(char).toString(16).padStart(width, "0");
const pairs = (text: string) => text.match(/../g)!;
const percent = (text: string) => each(text, (char) => `%${hex(char)}`);

/** Ways to echo the signature. */
const ECHOES: Record<string, string> = {
  "as it is": SIGNATURE,
  "without 0x": DIGITS,
  "in upper case": SIGNATURE.toUpperCase(),
  "in mixed case": each(DIGITS, (char) => Math.random() < 0.5 ? char : char.toUpperCase()),
  "its first half": DIGITS.slice(0, 65),
  "its last half": DIGITS.slice(65),
  "sixteen digits of it": DIGITS.slice(50, 66),
  "sixteen digits from an odd place": DIGITS.slice(51, 67),
  "split by spaces": each(DIGITS, (char) => `${char} `),
  "in groups of four": DIGITS.match(/.{1,4}/g)!.join(" "),
  "in groups with dashes": pairs(DIGITS).join("-"),
  "on lines": DIGITS.match(/.{1,10}/g)!.join("\n"),
  "split by zero-width spaces": each(DIGITS, (char) => `${char}\u200b`),
  "split by soft hyphens": each(DIGITS, (char) => `${char}\u00ad`),
  "split by tags": each(DIGITS, (char) => `<b>${char}</b>`),
  "split by HTML entities": each(DIGITS, (char) => `${char}&ZeroWidthSpace;`),
  "as bytes with 0x": pairs(DIGITS).map((pair) => `0x${pair}`).join(", "),
  "as \\x bytes": pairs(DIGITS).map((pair) => `\\x${pair}`).join(""),
  "as a list of byte values": JSON.stringify([...BYTES]),
  "as a list of character codes": JSON.stringify([...DIGITS].map(code)),
  "percent-encoded": percent(DIGITS),
  "percent-encoded twice": percent(percent(DIGITS)),
  "percent-encoded three times": percent(percent(percent(DIGITS))),
  "percent-encoded bytes": pairs(DIGITS).map((pair) => `%${pair}`).join(""),
  "%u escapes": each(DIGITS, (char) => `%u${hex(char, 4)}`),
  "HTML decimal": each(DIGITS, (char) => `&#${code(char)};`),
  "HTML decimal with zeros": each(DIGITS, (char) => `&#${String(code(char)).padStart(7, "0")};`),
  "HTML hexadecimal": each(DIGITS, (char) => `&#x${hex(char)};`),
  "HTML inside HTML": each(DIGITS, (char) => `&amp;#x${hex(char)};`),
  "\\u escapes": each(DIGITS, (char) => `\\u${hex(char, 4)}`),
  "\\u{} escapes": each(DIGITS, (char) => `\\u{${hex(char)}}`),
  "\\u escapes in JSON in JSON": each(DIGITS, (char) => `\\\\u${hex(char, 4)}`),
  "\\U escapes": each(DIGITS, (char) => `\\U${hex(char, 8)}`),
  "\\x escapes of characters": each(DIGITS, (char) => `\\x${hex(char)}`),
  "octal escapes": each(DIGITS, (char) => `\\${code(char).toString(8).padStart(3, "0")}`),
  "quoted-printable": each(DIGITS, (char) => `=${hex(char).toUpperCase()}`),
  "hexadecimal of its text": utf8(DIGITS).toHex(),
  "hexadecimal of its text, spaced": pairs(utf8(DIGITS).toHex()).join(" "),
  "base64 of its bytes": BYTES.toBase64(),
  "base64url of its bytes": BYTES.toBase64({ alphabet: "base64url", omitPadding: true }),
  "base64 of its text": base64(SIGNATURE),
  "base64 of its text, unpadded": base64(DIGITS).replaceAll("=", ""),
  "base64 of upper case": base64(DIGITS.toUpperCase()),
  "base64 at an offset of one": base64(`x${DIGITS}`),
  "base64 at an offset of two": base64(`xy${DIGITS}`),
  "base64 behind other letters": `token${base64(DIGITS)}`,
  "base64 wrapped": base64(DIGITS).match(/.{1,10}/g)!.join("\r\n"),
  "base64 of base64": base64(base64(SIGNATURE)),
  "base64 of percent": base64(percent(DIGITS)),
  "percent of base64": percent(base64(DIGITS)),
  "base64 of eight bytes": BYTES.slice(20, 28).toBase64(),
  "base64 of UTF-16": Uint8Array.from([...DIGITS].flatMap((char) => [code(char), 0])).toBase64(),
  "base64 in JSON in JSON": JSON.stringify(JSON.stringify({ key: base64(SIGNATURE) })),
  "JSON in JSON": JSON.stringify(JSON.stringify({ s: SIGNATURE })),
  "reversed": [...DIGITS].reverse().join(""),
  "reversed and spaced": [...DIGITS].reverse().join(" "),
  "bytes reversed": pairs(DIGITS).reverse().join(""),
  "full-width digits": each(DIGITS, (char) => String.fromCharCode(code(char) + 0xfee0)),
  "mathematical digits": each(DIGITS, (char) =>
    String.fromCodePoint(
      /\d/.test(char) ? 0x1d7ce + Number(char) : 0x1d400 + 26 + code(char) - 97,
    )),
  "full-width digits, percent-encoded": encodeURIComponent(
    each(DIGITS, (char) => String.fromCharCode(code(char) + 0xfee0)),
  ),
  "its numbers r and s": `${BigInt(`0x${DIGITS.slice(0, 64)}`)} ${
    BigInt(`0x${DIGITS.slice(64, 128)}`)
  }`,
  "a key that only looks like one": "deadbeefDEADBEEF",
};

/** Whether a text holds eight bytes of the signature in a row, in its plainest form. */
function holdsSignature(shown: string): boolean {
  const digits = shown.toLowerCase().replaceAll(/[^0-9a-f]/g, "");
  return Array.from({ length: DIGITS.length - 15 }, (_, at) => DIGITS.slice(at, at + 16))
    .some((part) => digits.includes(part) || digits.includes([...part].reverse().join("")));
}

for (const [name, echo] of Object.entries(ECHOES)) {
  Deno.test(`the signature is cut out: ${name}`, () => {
    const shown = show(`Bad signature <${echo}> of the request`);
    assert.ok(shown.includes("[redacted]"), shown);
    assert.ok(!holdsSignature(shown), shown);
    // What is left of the echo is less than eight bytes of it, in any of these forms.
    const left = shown.replaceAll("[redacted]", "").length -
      "Bad signature <> of the request".length;
    assert.ok(left <= 24, `${left} characters are left: ${shown}`);
  });
}

/** Ways to echo what the query is about. */
const VALUES: Record<string, [said: string, secret: string]> = {
  "a string": ["bad value alice.liddell@example.com", "alice"],
  "a string in upper case": ["bad value ALICE.LIDDELL@EXAMPLE.COM", "LIDDELL"],
  "a part of a string": ["no match for liddell@exam", "liddell"],
  "a string in base64": [
    `token ${base64("alice.liddell@example.com")}`,
    base64("liddell").slice(4, 8),
  ],
  "a percent-encoded string": [`x=${percent("alice.liddell@example.com")}`, "%61%6c"],
  "a short string in quotes": ["unknown country 'de'", "'de'"],
  "a string with a quote": ["near O'Brien-Smith", "Brien"],
  "a string with a doubled quote": ["near 'O''Brien-Smith'", "Brien"],
  "a number": ["4217 is too much", "4217"],
  "a parameter": ["got secret parameter", "secret"],
  "a parameter with other spaces": ["got secret\n  parameter", "secret"],
  "a number parameter": ["got 31415926", "31415926"],
  "a short parameter": ["got zz-top", "zz-top"],
  "a nested parameter": ["got nested-value", "nested"],
  "a large integer parameter": ["got 9007199254740993", "9007199254740993"],
  "the query": [`while running ${QUERY}`, "account_statistics"],
  "the query as JSON": [JSON.stringify({ sql: QUERY }), "account_statistics"],
  "the query on one line": [QUERY.replaceAll(/\s+/g, " "), "account_statistics"],
};

for (const [name, [said, secret]] of Object.entries(VALUES)) {
  Deno.test(`the query's values are cut out: ${name}`, () => {
    const shown = show(said);
    assert.ok(shown.includes("[redacted]"), shown);
    assert.ok(!shown.toLowerCase().includes(secret.toLowerCase()), shown);
  });
}

for (
  const said of [
    "no such column: naem",
    "no such column: average_daily_balance_of_the_last_twelve_months_in_account_currency",
    "ambiguous column name: account_statistics.user_id",
    'near "FROM": syntax error',
    "SELECTs to the left and right of UNION do not have the same number of result columns",
    "no such table: account_statistics",
    "query 0efd54ef-6ed0-4679-926f-504833d95f3a timed out after 60 s",
    "Refiner 12 is not available; contact support@vana.org, error code E-1043 (2026-11-25T05:46:42Z)",
    "column facade_decade_0123456789_beef_cafe doesn't exist",
  ]
) {
  Deno.test(`what a builder needs stays: ${said}`, () => {
    assert.equal(show(said), said);
  });
}

Deno.test("a column that is also a value stays", () => {
  const query = "SELECT telephone FROM contacts WHERE kind = 'telephone'";
  const text = new EngineText({ signature: SIGNATURE, query }, true);
  assert.equal(text.show("no such column: telephone"), "no such column: telephone");
});

Deno.test("controls and what reorders a line are shown as escapes", () => {
  assert.equal(show("a\x1b[31mb\u202ec\nd"), "a\\u{1b}[31mb\\u{202e}c\\nd");
});

Deno.test("a long text is cut", () => {
  assert.ok(text.show("word ".repeat(100_000)).length <= 503);
});

Deno.test("a URL in a text shows no credentials and no query string", () => {
  assert.equal(
    show("see https://user:pass@host/path?token=abc#frag now"),
    "see https://host/path?[redacted] now",
  );
});

Deno.test("nothing is shown when the engine's text is off", () => {
  const off = new EngineText({ signature: SIGNATURE, query: QUERY }, false);
  assert.equal(off.show("no such column: naem", ": "), "");
  assert.equal(off.detail({ detail: "no such column: naem" }), "");
});

Deno.test("text made to cost time is read in time", () => {
  const started = performance.now();
  for (const piece of ["%25", "&amp;", "\\\\u005c", base64("abcdefgh"), "0x41 ", "&#x26;#x26;"]) {
    show(piece.repeat(8000));
  }
  assert.ok(performance.now() - started < 10_000);
});
