// deno task schema: shows a refiner's schema, and makes dummy data for it.

import { join, resolve } from "node:path";
import { exists } from "../src/files.ts";
import { RESULTS_FILE } from "../src/results/results.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { accountAddress, accountOf } from "./lib/cli/account_option.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { addGateway, GATEWAY_HELP } from "./lib/cli/gateway_option.ts";
import { refinerToJson, showRefiner } from "./lib/cli/show_refiner.ts";
import { showTables, tablesToJson } from "./lib/cli/show_tables.ts";
import { DUMMY_SCRIPT } from "./lib/data/dummy_data.ts";
import { dummyScript } from "./lib/data/dummy_script.ts";
import { scriptOf } from "./lib/data/provenance.ts";
import { expectNoFile, writeNewFile } from "./lib/data/write_new_file.ts";
import { ToolError } from "./lib/errors.ts";
import { chainText } from "./lib/network/chain_text.ts";
import type { Network } from "./lib/network/network.ts";
import { columnOf, type ReadableColumns, readableColumns } from "./lib/network/readable_columns.ts";
import { readRefinerSchema, type RefinerSchema } from "./lib/network/refiner_schema.ts";
import { UnknownRefinerError } from "./lib/network/refiners.ts";
import { contractId, wholeNumber } from "./lib/options.ts";
import { personPath, shortPath } from "./lib/person_path.ts";
import { INPUT } from "./lib/project.ts";
import { dummyRows } from "./lib/schema/dummy_rows.ts";
import { UnusableError } from "./lib/schema/unusable.ts";

const EXIT = { done: 0, unusable: 1, unknown: 2 } as const;
const MOST_ROWS = 10_000;
const DEFAULT_ROWS = 20;

await runTask(async () => {
  const command = withChainOptions(
    task("schema", "Show a refiner's tables and who may query them, and make dummy data for them")
      .argument("<refiner>", "the refiner's id", contractId)
      .option("--account <address>", "show what this account may query", accountAddress)
      .option("--key-file <file>", "show what the account of this key may query")
      .option("--gateway <url>", GATEWAY_HELP, addGateway)
      .option("--json", "print JSON")
      .option("--write [file]", `make dummy data for the schema (${shortPath(DUMMY_SCRIPT)})`)
      .option("--force", "replace the file of --write")
      .option(
        "--rows <number>",
        "rows for each table",
        wholeNumber({ min: 1, max: MOST_ROWS }),
        DEFAULT_ROWS,
      )
      .option("--seed <number>", "the same number gives the same rows", wholeNumber(), 1),
  ).addHelpText(
    "after",
    "\nExit code 0: done; 1: there is no such refiner, or its schema can't be used; 2: can't tell.",
  );
  const parsed = await command.parseAsync();
  const [id] = parsed.processedArgs;
  const options = parsed.opts();
  const { gateway: gateways, json, write, force = false, rows, seed } = options;
  if (json && write !== undefined) throw new ToolError("Give --json or --write, not both");
  const file = write === undefined ? undefined : write === true ? DUMMY_SCRIPT : personPath(write);
  if (file !== undefined) expectNoFile(file, { replace: force });
  const account = accountOf(options);
  const network = networkOf(options);
  const refiner = await readRefinerSchema(network, id, { gateways });
  const readable = account &&
    await readableColumns(network, { refiner: id, schema: refiner.schema, account });
  if (json) {
    const tables = tablesToJson(refiner.schema, readable);
    print(JSON.stringify({ ...refinerToJson(network, refiner), account, tables }, null, 2));
    return EXIT.done;
  }
  show(network, refiner, readable);
  if (file === undefined) return EXIT.done;
  const made = await dummyRows({ ddl: refiner.definition.ddl, rows, seed });
  const about = [
    `The schema of refiner ${id} on ${network.chain.name} (${refiner.from}).`,
    `The rows are made up: ${rows} for each table, by seed ${seed}; some are odd on purpose.`,
  ];
  const reader = readable && {
    account: readable.account,
    mayRead: (table: string, column: string) =>
      columnOf(readable, table, column)?.permission !== undefined,
  };
  const script = dummyScript({ about, schema: refiner.schema, rows: made, reader });
  writeNewFile(file, script, { replace: force });
  const total = made.reduce((sum, { rows }) => sum + rows, 0);
  print(
    `\nWrote ${shortPath(file)}: ${made.length} ${
      made.length === 1 ? "table" : "tables"
    }, ${total} rows, and a query`,
  );
  for (const { table, rows: found, why } of made) {
    if (why !== undefined) {
      note(`Note: ${chainText(table)} has ${found} of ${rows} rows: ${chainText(why)}`);
    }
  }
  note(`\nNext: ${nextCommand(file)}`);
  return EXIT.done;
}, {
  failure: (error) =>
    error instanceof UnusableError || error instanceof UnknownRefinerError
      ? EXIT.unusable
      : EXIT.unknown,
});

function show(
  network: Network,
  refiner: RefinerSchema,
  readable: ReadableColumns | undefined,
): void {
  showRefiner(network, refiner);
  const { schema: registered } = refiner.refiner;
  const { dialect } = refiner.definition;
  if (registered !== undefined && registered.dialect.toLowerCase() !== dialect.toLowerCase()) {
    note(
      `Note: the dialect on-chain is ${
        chainText(registered.dialect)
      }, and that of the definition ` +
        `${chainText(dialect)}`,
    );
  }
  if (readable !== undefined) {
    const granted = readable.columns.filter(({ permission }) => permission !== undefined);
    print(
      `  account     ${readable.account} may query ${granted.length} of ` +
        `${readable.columns.length} columns`,
    );
  }
  showTables(refiner.schema, readable);
}

/** `dev` uses dummy_data.sql, unless the database was made in another way. */
function nextCommand(file: string): string {
  const database = join(resolve(Deno.env.get("INPUT_PATH") || INPUT), RESULTS_FILE);
  const isUsed = exists(database) ? scriptOf(database)?.script === file : file === DUMMY_SCRIPT;
  if (isUsed) return "`deno task dev` runs the job on it";
  const from = file === DUMMY_SCRIPT ? "" : ` --from ${shortPath(file)}`;
  return `\`deno task seed${from}\` makes a database from it; \`deno task dev\` runs the job`;
}
