/**
 * Writes the commands that do in a terminal what the page shows.
 *
 * @module
 */

/** The commands that can be copied. */
export type CommandName = "sign" | "worker" | "submit";

/** A command for a POSIX shell. */
export function commandFor(name: CommandName, query: string): string {
  const sql = quoted(query);
  switch (name) {
    case "sign":
      return `printf %s ${sql} | deno task -q sign`;
    case "worker":
      return [
        `export QUERY=${sql}`,
        `export QUERY_SIGNATURE=$(printf %s "$QUERY" | deno task -q sign)`,
        "QUERY_ENGINE_URL=http://127.0.0.1:8787 INPUT_PATH=input OUTPUT_PATH=output " +
        "deno task -q worker",
      ].join("\n");
    case "submit":
      return `deno task submit --query ${sql}`;
  }
}

/** One word for a POSIX shell, quoted. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
