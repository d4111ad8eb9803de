/**
 * The ways a text can be read: as it stands, and with what is encoded in it decoded, over several
 * levels. Each character knows where it comes from, so that what is found in a reading can be cut out
 * of the text.
 *
 * @module
 */

/** A part of a text: from an index to before another. */
export type Span = readonly [from: number, to: number];

/** One reading: characters, and the part of the text that each comes from. */
export interface Reading {
  /** The characters, each one code unit. */
  text: string;
  /** The span of each. */
  spans: readonly Span[];
}

/** Encodings inside encodings are followed this far. */
const DEEPEST = 5;

/** More than this isn't read: a text that is made to cost time. */
const MOST_READINGS = 300;

/** Text, not just random bytes: eight bytes in base64 take eleven characters. */
const TEXTUAL = /[\s!-~]{11,}/;

/**
 * All readings of a text: as it stands; with compatibility forms of characters replaced, such as
 * full-width digits; with percent, HTML, `\u`, `\x` and octal escapes decoded; as base64; as pairs of
 * hexadecimal digits; as a list of byte values.
 */
export function readingsOf(text: string): Reading[] {
  const readings: Reading[] = [];
  let level = [plainReading(text)];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth++) {
    readings.push(...level);
    if (readings.length > MOST_READINGS) break;
    level = level.flatMap(decode);
  }
  return readings;
}

/** A text as it stands. */
export function plainReading(text: string): Reading {
  return { text, spans: Array.from({ length: text.length }, (_, at): Span => [at, at + 1]) };
}

/** The characters of a reading that `keep` keeps, mapped to what it returns for them. */
export function pick(reading: Reading, keep: (char: string) => string): Reading {
  const chars: string[] = [];
  const spans: Span[] = [];
  for (let at = 0; at < reading.text.length; at++) {
    for (const char of keep(reading.text[at]!)) {
      chars.push(char);
      spans.push(reading.spans[at]!);
    }
  }
  return { text: chars.join(""), spans };
}

/** The part of the original text that a part of a reading comes from. */
export function spanOf({ spans }: Reading, from: number, to: number): Span {
  return [spans[from]![0], spans[to - 1]![1]];
}

/** The hexadecimal digits of a reading, in lower case, without the `0x` before single bytes. */
export function hexDigitsOf(reading: Reading): Reading {
  const bare = replace(
    reading,
    /0x(?=[0-9a-f]{2}(?![0-9a-f]))|<[^<>]{0,60}>|&[a-z]+;/gi,
    () => " ",
  );
  return pick(bare ?? reading, (char) => /[0-9a-f]/i.test(char) ? char.toLowerCase() : "");
}

function decode(reading: Reading): Reading[] {
  return [
    ...[unescape(reading), compatible(reading), fromUtf8(reading)]
      .filter((other) => other !== undefined),
    ...(TEXTUAL.test(reading.text) ? bytesIn(reading) : []),
  ];
}

/** Readings as bytes: base64 at each alignment, pairs of digits at each, decimal numbers. */
function bytesIn(reading: Reading): Reading[] {
  const digits = hexDigitsOf(reading);
  const base64 = pick(reading, (char) => /[A-Za-z0-9+/_-]/.test(char) ? char : "");
  return [
    ...[0, 1, 2, 3].map((skip) => group(base64, skip, 4, decodeBase64)),
    ...[0, 1].map((skip) => group(digits, skip, 2, (pair) => [parseInt(pair, 16)])),
    decimals(reading),
  ].filter(({ text }) => text.length >= 8);
}

/** Reads a text in groups of characters, each of which stands for some bytes. */
function group(
  reading: Reading,
  skip: number,
  size: number,
  decode: (group: string) => number[],
): Reading {
  const chars: string[] = [];
  const spans: Span[] = [];
  for (let at = skip; at < reading.text.length; at += size) {
    const end = Math.min(at + size, reading.text.length);
    for (const byte of decode(reading.text.slice(at, end))) {
      chars.push(String.fromCharCode(byte));
      spans.push(spanOf(reading, at, end));
    }
  }
  return { text: chars.join(""), spans };
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function decodeBase64(group: string): number[] {
  let bits = 0;
  for (const char of group) {
    const value = BASE64.indexOf(char === "-" ? "+" : char === "_" ? "/" : char);
    bits = bits << 6 | value;
  }
  bits <<= 6 * (4 - group.length);
  return [bits >> 16 & 255, bits >> 8 & 255, bits & 255].slice(0, Math.max(0, group.length - 1));
}

/** The decimal numbers from 0 to 255 in a text, as bytes. */
function decimals(reading: Reading): Reading {
  const numbers = [...reading.text.matchAll(/(?<![\d.])\d{1,3}(?![\d.])/g)]
    .filter(([number]) => Number(number) <= 255);
  return {
    text: numbers.map(([number]) => String.fromCharCode(Number(number))).join(""),
    spans: numbers.map(({ 0: number, index }) => spanOf(reading, index, index + number.length)),
  };
}

const ESCAPES = new RegExp(
  [
    /%u([0-9a-f]{4})/,
    /%([0-9a-f]{2})/,
    /&#x([0-9a-f]{1,6});?/,
    /&#([0-9]{1,7});?/,
    /\\u\{([0-9a-f]{1,6})\}/,
    /\\u([0-9a-f]{4})/,
    /\\U([0-9a-f]{8})/,
    /\\x\{?([0-9a-f]{2})\}?/,
    /\\([0-7]{3})/,
    /=([0-9A-F]{2})/,
    /\\(["'\\/])/,
    /\\([bfnrt])/,
    /&(amp|lt|gt|quot);/,
  ].map(({ source }) => source).join("|"),
  "gi",
);

/** The groups of {@linkcode ESCAPES} that aren't hexadecimal. */
const DECIMAL_GROUP = 3;
const OCTAL_GROUP = 8;
const LITERAL_GROUP = 10;
const SPACE_GROUP = 11;
const NAMED_GROUP = 12;

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"' };

function unescape(reading: Reading): Reading | undefined {
  return replace(reading, ESCAPES, (match) => {
    const group = match.slice(1).findIndex((value) => value !== undefined);
    const value = match[group + 1]!;
    if (group === LITERAL_GROUP) return value;
    if (group === SPACE_GROUP) return " ";
    if (group === NAMED_GROUP) return NAMED[value.toLowerCase()]!;
    const code = parseInt(value, group === DECIMAL_GROUP ? 10 : group === OCTAL_GROUP ? 8 : 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : " ";
  });
}

/** Characters in their compatibility form, such as full-width digits as digits. */
function compatible(reading: Reading): Reading | undefined {
  return replace(reading, /[\u{80}-\u{10ffff}]/gu, ([char]) => char.normalize("NFKC"));
}

/** Bytes of UTF-8 as the characters they mean. */
function fromUtf8(reading: Reading): Reading | undefined {
  return replace(reading, /[\xc2-\xf4][\x80-\xbf]{1,3}/g, ([bytes]) => {
    try {
      const codes = Uint8Array.from(bytes, (byte) => byte.charCodeAt(0));
      return new TextDecoder("utf-8", { fatal: true }).decode(codes);
    } catch {
      return bytes;
    }
  });
}

/** A reading with what a pattern matches replaced; `undefined` if that changes nothing. */
function replace(
  reading: Reading,
  pattern: RegExp,
  by: (match: RegExpExecArray) => string,
): Reading | undefined {
  const chars: string[] = [];
  const spans: Span[] = [];
  let at = 0;
  let changed = false;
  const copy = (to: number) => {
    for (; at < to; at++) {
      chars.push(reading.text[at]!);
      spans.push(reading.spans[at]!);
    }
  };
  for (const match of reading.text.matchAll(pattern)) {
    copy(match.index);
    const end = match.index + match[0].length;
    const replaced = by(match);
    if (replaced !== match[0]) changed = true;
    const span = spanOf(reading, match.index, end);
    for (let unit = 0; unit < replaced.length; unit++) {
      chars.push(replaced[unit]!);
      spans.push(span);
    }
    at = end;
  }
  if (!changed) return undefined;
  copy(reading.text.length);
  return { text: chars.join(""), spans };
}
