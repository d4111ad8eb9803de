/**
 * Writes the commands that do in a terminal what the page shows.
 *
 * @module
 */

/** The commands that can be copied. */
export type CommandName = "sign" | "worker" | "submit";

/** What a command is about. */
export interface CommandQuery {
  /** The SQL. */
  sql: string;
  /** The values of its placeholders as a JSON array; empty if it has none. */
  params: string;
}

/** A command for a POSIX shell. */
export function commandFor(name: CommandName, { sql, params }: CommandQuery): string {
  const query = quoted(sql);
  const values = params.trim();
  switch (name) {
    case "sign":
      return `printf %s ${query} | deno task -q sign`;
    case "worker":
      return [
        "# With a local Query Engine in another terminal: deno task engine",
        `export QUERY=${query}`,
        ...(values === "" ? [] : [`export QUERY_PARAMS=${quoted(values)}`]),
        `export QUERY_SIGNATURE=$(printf %s "$QUERY" | deno task -q sign)`,
        "QUERY_ENGINE_URL=http://127.0.0.1:8787 INPUT_PATH=input OUTPUT_PATH=output " +
        "deno task -q worker",
      ].join("\n");
    case "submit":
      return `printf %s ${query} | deno task submit --instruction INSTRUCTION --refiner REFINER` +
        (values === "" ? "" : ` --params ${quoted(values)}`);
  }
}

/** One word for a POSIX shell, quoted. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
