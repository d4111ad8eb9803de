/**
 * Finds the statements of an SQL script, by the rules of SQLite's own `sqlite3_complete()`
 * (https://www.sqlite.org/c3ref/complete.html): a statement ends at a semicolon that is in no string,
 * name or comment; that of a trigger ends at `; END;`.
 *
 * @module
 */

/** A statement and where it stands in its script. */
export interface Statement {
  /** Its text, with the semicolon. */
  text: string;
  /** The index of its first character. */
  start: number;
}

const TRIVIA = /[ \t\n\f\r\uFEFF]+|--[^\n]*|\/\*[^]*?(?:\*\/|$)/y;
const EMPTY = /;+/y;
/** What may hide a semicolon, and the semicolon. */
const SPECIAL = /;|--|\/\*|['"`[]/g;
const WORD = /[A-Za-z]+/y;
const CLOSING: Readonly<Record<string, string>> = { "--": "\n", "/*": "*/", "[": "]" };

/** The statements of a script, one after another. Spaces, comments and lone semicolons are none. */
export function* statementsOf(script: string): Generator<Statement> {
  let start = skipEmpty(script, 0);
  while (start < script.length) {
    const end = isTrigger(script, start) ? triggerEnd(script, start) : semicolonEnd(script, start);
    yield { text: script.slice(start, end), start };
    start = skipEmpty(script, end);
  }
}

/** Where the next statement begins, from a statement's end. */
function skipEmpty(script: string, at: number): number {
  for (;;) {
    const next = skip(EMPTY, script, skipTrivia(script, at));
    if (next === at) return at;
    at = next;
  }
}

function skipTrivia(script: string, at: number): number {
  for (;;) {
    const next = skip(TRIVIA, script, at);
    if (next === at) return at;
    at = next;
  }
}

function skip(pattern: RegExp, script: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(script) ? pattern.lastIndex : at;
}

/** The index behind the next semicolon that ends something. */
function semicolonEnd(script: string, from: number): number {
  SPECIAL.lastIndex = from;
  for (;;) {
    const found = SPECIAL.exec(script);
    if (found === null) return script.length;
    const [opening] = found;
    if (opening === ";") return SPECIAL.lastIndex;
    const closing = CLOSING[opening] ?? opening;
    const closed = script.indexOf(closing, SPECIAL.lastIndex);
    if (closed < 0) return script.length;
    SPECIAL.lastIndex = closed + closing.length;
  }
}

/** The index behind `; END;`. */
function triggerEnd(script: string, from: number): number {
  let end = semicolonEnd(script, from);
  while (end < script.length) {
    const { word, after } = wordAt(script, skipEmpty(script, end));
    const semicolon = skipTrivia(script, after);
    if (word === "END" && script[semicolon] === ";") return semicolon + 1;
    end = semicolonEnd(script, end);
  }
  return end;
}

const BEFORE_TRIGGER = new Set(["EXPLAIN", "QUERY", "PLAN", "CREATE", "TEMP", "TEMPORARY"]);

/** Whether a statement is `[EXPLAIN [QUERY PLAN]] CREATE [TEMP|TEMPORARY] TRIGGER`. */
function isTrigger(script: string, start: number): boolean {
  const words: string[] = [];
  let { word, after } = wordAt(script, start);
  while (BEFORE_TRIGGER.has(word)) {
    words.push(word);
    ({ word, after } = wordAt(script, skipTrivia(script, after)));
  }
  words.push(word);
  return /^(?:EXPLAIN (?:QUERY PLAN )?)?CREATE (?:TEMP |TEMPORARY )?TRIGGER$/.test(words.join(" "));
}

function wordAt(script: string, at: number): { word: string; after: number } {
  const after = skip(WORD, script, at);
  return { word: script.slice(at, after).toUpperCase(), after };
}
