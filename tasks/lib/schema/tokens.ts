/**
 * SQL text as SQLite's own tokenizer splits it (`sqlite3GetToken` in its `tokenize.c`).
 *
 * @module
 */

/** A token; spaces and comments are none. */
export interface Token {
  /**
   * A bare name or keyword; a name in double quotes, brackets or backticks; a string in single quotes; a
   * number; or one character of anything else.
   */
  kind: "word" | "quoted" | "string" | "number" | "symbol";
  /** As it is written. */
  text: string;
  /** A name or string without its quotes; otherwise {@linkcode text}. */
  value: string;
  /** Where it begins. */
  start: number;
  /** Where what follows begins. */
  end: number;
}

const TOKEN = new RegExp(
  [
    /\s+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/,
    /(?<string>'(?:[^']|'')*'?)/,
    /(?<quoted>"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?)/,
    /(?<number>(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?))/,
    /(?<word>[\w$\u0080-\uffff]+)/,
    /(?<symbol>[^])/,
  ].map(({ source }) => source).join("|"),
  "g",
);

/** The tokens of SQL text, one after another. */
export function tokensOf(sql: string): Token[] {
  const tokens: Token[] = [];
  for (const { 0: text, index, groups } of sql.matchAll(TOKEN)) {
    const [kind] = Object.entries(groups!).find(([, value]) => value !== undefined) ?? [];
    if (kind === undefined) continue;
    tokens.push({
      kind: kind as Token["kind"],
      text,
      value: kind === "string" || kind === "quoted" ? unquote(text) : text,
      start: index,
      end: index + text.length,
    });
  }
  return tokens;
}

/** Whether a token is a keyword: quoted, it would be a name. */
export function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text.toUpperCase() === word;
}

function unquote(text: string): string {
  const quote = text[0] === "[" ? "]" : text[0]!;
  const inner = text.slice(1, text.length > 1 && text.endsWith(quote) ? -1 : undefined);
  return quote === "]" ? inner : inner.replaceAll(quote + quote, quote);
}
