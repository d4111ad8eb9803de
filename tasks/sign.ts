// deno task sign: prints the QUERY_SIGNATURE of a query.

import { note, print, runTask, task } from "./lib/cli.ts";
import { readQueryText } from "./lib/cli/query_option.ts";
import { signQuery } from "./lib/engine/signature.ts";
import { ToolError } from "./lib/errors.ts";
import { checkQuery } from "./lib/jobs/order.ts";

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
  const key = Deno.env.get("PRIVATE_KEY");
  if (!key) {
    throw new ToolError(
      "PRIVATE_KEY isn't set; expected the job owner's private key. To try things out, make a " +
        `throw-away key:\n\n  ${MAKE_A_KEY}`,
    );
  }
  const query = await readQueryText({ query: argument, file });
  checkQuery(query);
  const { signature, address } = await signQuery(query, key);
  print(signature);
  note(`Signed ${query.length} characters as ${address}`);
  if (argument !== undefined) {
    note(
      "Note: every user of this machine can see an argument in the list of processes; standard input " +
        'hides the query: printf %s "$QUERY" | deno task -q sign',
    );
  }
  if (/[\r\n]$/.test(query)) {
    note(
      "Warning: the query ends with a line break, which is signed too. QUERY must end with the same " +
        'line break; "$(cat FILE)" in a shell removes it. To sign without: ' +
        'printf %s "$(cat FILE)" | deno task -q sign',
    );
  }
});
