/**
 * What a query is made of: the values in it, which are its author's, and the names, which are the
 * schema's.
 *
 * @module
 */

/** The values and names of a query. */
export interface SqlParts {
  /** The text of string literals, and number literals as written. */
  values: string[];
  /** Names of tables, columns and functions, and keywords; in lower case. */
  names: Set<string>;
}

/** Comments; strings (quotes doubled inside), blobs; dollar quotes; quoted names; numbers; names. */
const TOKENS = new RegExp(
  [
    /--[^\n]*|\/\*[^]*?(?:\*\/|$)/,
    /(?<string>'(?:[^']|'')*(?:'|$))/,
    /\$\$(?<dollars>[^]*?)(?:\$\$|$)/,
    /"(?<double>(?:[^"]|"")*)(?:"|$)|`(?<backtick>[^`]*)(?:`|$)|\[(?<bracket>[^\]]*)(?:\]|$)/,
    /(?<number>0[xX][0-9a-fA-F_]+|(?:\d[\d_]*(?:\.[\d_]*)?|\.\d[\d_]*)(?:[eE][+-]?\d+)?)/,
    /(?<name>[\p{L}_][\p{L}\p{N}_$]*)/u,
  ].map(({ source }) => source).join("|"),
  "gu",
);

/** Takes a query apart. What isn't SQL gives what looks like it. */
export function partsOfSql(sql: string): SqlParts {
  const values: string[] = [];
  const names = new Set<string>();
  for (const { groups } of sql.matchAll(TOKENS)) {
    const { string, dollars, number, double, backtick, bracket, name } = groups!;
    if (string !== undefined) {
      const inner = string.replace(/^'|'$/g, "");
      values.push(inner, inner.replaceAll("''", "'"));
    }
    if (dollars !== undefined) values.push(dollars);
    if (number !== undefined) values.push(number);
    const named = double?.replaceAll('""', '"') ?? backtick ?? bracket ?? name;
    if (named !== undefined) names.add(named.toLowerCase());
  }
  return { values, names };
}
