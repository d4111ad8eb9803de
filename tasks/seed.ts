// deno task seed: makes the dummy database from an SQL script.

import { join } from "node:path";
import { printable } from "../src/printable.ts";
import { RESULTS_FILE, RESULTS_TABLE } from "../src/results/results.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { DUMMY_SCRIPT, makeDummyData } from "./lib/data/dummy_data.ts";
import { personPath, shortPath } from "./lib/person_path.ts";
import { INPUT } from "./lib/project.ts";

await runTask(async () => {
  const input = personPath(Deno.env.get("INPUT_PATH") || INPUT);
  const command = task("seed", "Make the dummy database that `deno task dev` gives to the job")
    .option("--from <file>", "the SQL script", shortPath(DUMMY_SCRIPT))
    .option("--to <file>", "the database to make or replace", shortPath(join(input, RESULTS_FILE)));
  const { from, to } = (await command.parseAsync()).opts();
  const { rows, others, kept } = makeDummyData(personPath(from), personPath(to));
  print(`Made ${to} from ${from}: ${rows} ${rows === 1 ? "row" : "rows"} in ${RESULTS_TABLE}`);
  if (others.length > 0) {
    const names = others.map((name) => printable(name)).join(", ");
    note(`Note: left out ${names}; in production a job gets ${RESULTS_TABLE} only`);
  }
  if (kept !== undefined) {
    note(`Note: the earlier database wasn't made by seed; it is now ${shortPath(kept)}`);
  }
  note("Next: run the job on it with `deno task dev`");
});
