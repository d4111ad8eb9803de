// deno task sign: prints the QUERY_SIGNATURE of a query.

import { note, print, runTask, task } from "./lib/cli.ts";
import { signQuery } from "./lib/engine/signature.ts";
import { ToolError } from "./lib/errors.ts";
import { personPath } from "./lib/person_path.ts";

const MAKE_A_KEY = `export PRIVATE_KEY=0x$(od -An -N32 -tx1 /dev/urandom | tr -d ' \\n')`;

const HELP = `
Examples:
  printf %s "$QUERY" | deno task -q sign
  deno task -q sign --file query.sql
An argument works too, but every user of this machine can see it in the list of processes.

The key is in the environment variable PRIVATE_KEY.`;

await runTask(async () => {
  const command = task("sign", "Print the QUERY_SIGNATURE of a query (EIP-191 personal_sign)")
    .argument("[query]", "the SQL; by default it is read from standard input")
    .option("--file <file>", "a file that holds the SQL; every byte of it is signed")
    .addHelpText("after", HELP);
  const parsed = await command.parseAsync();
  const [argument] = parsed.args;
  const { file } = parsed.opts();
  if (argument !== undefined && file !== undefined) {
    throw new ToolError("Give the query as an argument or with --file, not both");
  }
  const key = Deno.env.get("PRIVATE_KEY");
  if (!key) {
    throw new ToolError(
      "PRIVATE_KEY isn't set; expected the job owner's private key. To try things out, make a " +
        `throw-away key:\n\n  ${MAKE_A_KEY}`,
    );
  }
  const query = argument ?? (file === undefined ? await readStandardInput() : readQuery(file));
  checkQuery(query);
  const { signature, address } = await signQuery(query, key);
  print(signature);
  note(`Signed ${query.length} characters as ${address}`);
  if (/[\r\n]$/.test(query)) {
    note(
      "Warning: the query ends with a line break, which is signed too. QUERY must end with the same " +
        'line break; "$(cat FILE)" in a shell removes it. To sign without: ' +
        'printf %s "$(cat FILE)" | deno task -q sign',
    );
  }
});

function checkQuery(query: string): void {
  if (query.trim() === "") throw new ToolError("The query is empty; expected SQL to sign");
  if (/^\s*\d+\s*$/.test(query)) {
    throw new ToolError(
      "The query is a number, and not SQL. Nothing was signed: a signed number is what gives access " +
        "to the artifacts of the compute job with that id",
    );
  }
}

function readQuery(file: string): string {
  try {
    return decode(Deno.readFileSync(personPath(file)));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`Can't read ${file}; expected a file that holds the SQL`);
  }
}

async function readStandardInput(): Promise<string> {
  if (Deno.stdin.isTerminal()) note("Type the query, then press Ctrl-D:");
  return decode(await new Response(Deno.stdin.readable).bytes());
}

/** A replaced byte would change what is signed, in silence; so would a byte order mark. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ToolError("The query isn't UTF-8; save it as UTF-8");
  }
}
