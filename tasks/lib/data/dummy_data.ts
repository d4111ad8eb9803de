/**
 * The dummy database that a job gets when it runs here.
 *
 * @module
 */

import { join } from "node:path";
import { RESULTS_FILE, RESULTS_TABLE } from "../../../src/results/results.ts";
import { print } from "../cli.ts";
import { DUMMY_DATA, ROOT } from "../project.ts";
import { seedDatabase } from "./seed_database.ts";

/**
 * Makes the dummy database in an input mount when it is missing or older than its script.
 *
 * @throws {ToolError} The script fails.
 */
export function seedIfOld(input: string): void {
  const database = join(input, RESULTS_FILE);
  const script = join(ROOT, DUMMY_DATA);
  const made = modified(database);
  const written = modified(script);
  if (written === undefined && made !== undefined) return;
  if (made !== undefined && written !== undefined && made >= written) return;
  const { rows } = seedDatabase({ from: script, to: database, needsResults: true });
  print(`Made ${database} from ${DUMMY_DATA}: ${rows} rows in ${RESULTS_TABLE}`);
}

function modified(path: string): number | undefined {
  try {
    return Deno.statSync(path).mtime?.getTime();
  } catch {
    return undefined;
  }
}
