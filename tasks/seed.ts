// deno task seed: makes the dummy database from an SQL script.

import { join } from "node:path";
import { RESULTS_FILE, RESULTS_TABLE } from "../src/results/results.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { DUMMY_DATA, INPUT } from "./lib/project.ts";
import { seedDatabase } from "./lib/data/seed_database.ts";

await runTask(async () => {
  const command = task("seed", "Make the dummy database that `deno task dev` gives to the job")
    .option("--from <file>", "the SQL script", DUMMY_DATA)
    .option(
      "--to <file>",
      "the database to make or replace",
      join(Deno.env.get("INPUT_PATH") || INPUT, RESULTS_FILE),
    );
  const { from, to } = (await command.parseAsync()).opts();
  const { rows, others } = seedDatabase({ from, to, needsResults: true });
  print(`Made ${to} from ${from}: ${rows} rows in ${RESULTS_TABLE}`);
  if (others.length > 0) {
    note(
      `Note: it also holds ${others.join(", ")}; in production a job gets ${RESULTS_TABLE} only`,
    );
  }
});
