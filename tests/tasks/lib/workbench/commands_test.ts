import assert from "node:assert/strict";
import { commandFor } from "../../../../tasks/lib/workbench/page/commands.ts";

const SQL = `SELECT 'it''s', "$HOME", \`a\`, '\\n' -- %s !\nFROM t WHERE a = ?`;

/** Runs a command in a shell in which `deno` prints its arguments and what it is given. */
async function inShell(command: string): Promise<string> {
  const deno = 'deno() { printf "%s|" "$@"; printf "%s|" "$QUERY" "$QUERY_PARAMS"; cat; }';
  const { stdout } = await new Deno.Command("sh", {
    args: ["-c", `${deno}\n${command}`],
    stdin: "null",
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")! },
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("a copied sign command signs exactly the query", async () => {
  const said = await inShell(commandFor("sign", { sql: SQL, params: "" }));
  assert.equal(said, `task|-q|sign|||${SQL}`);
});

Deno.test("a copied submit command submits exactly the query and its values", async () => {
  const said = await inShell(commandFor("submit", { sql: SQL, params: `["a'b"]` }));
  const options = "--instruction|INSTRUCTION|--refiner|REFINER|--params";
  assert.equal(said, `task|submit|${options}|["a'b"]|||${SQL}`);
});

Deno.test("a copied worker command runs exactly the query and its values", async () => {
  const said = await inShell(commandFor("worker", { sql: SQL, params: "[1]" }));
  assert.equal(said, `task|-q|worker|${SQL}|[1]|`);
});
