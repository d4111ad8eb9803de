// deno task sign: prints the QUERY_SIGNATURE of a query.

import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { signQuery } from "./lib/engine/signature.ts";

const MAKE_A_KEY = `export PRIVATE_KEY=0x$(od -An -N32 -tx1 /dev/urandom | tr -d ' \\n')`;

await runTask(async () => {
  const command = task("sign", "Print the QUERY_SIGNATURE of a query (EIP-191 personal_sign)")
    .argument("[query]", "the SQL; without it, --file or standard input")
    .option("--file <file>", "a file that holds the SQL, signed as it is to the last byte")
    .addHelpText("after", "\nThe key comes from the environment variable PRIVATE_KEY.");
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
  if (query === "") throw new ToolError("The query is empty; expected SQL to sign");
  const { signature, address } = await signQuery(query, key);
  print(signature);
  note(`Signed ${query.length} characters as ${address}`);
});

function readQuery(file: string): string {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    throw new ToolError(`Can't read ${file}; expected a file that holds the SQL`);
  }
}

async function readStandardInput(): Promise<string> {
  if (Deno.stdin.isTerminal()) note("Type the query, then press Ctrl-D:");
  return await new Response(Deno.stdin.readable).text();
}
