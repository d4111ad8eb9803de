/**
 * The dummy data that a job gets when it runs on this machine.
 *
 * @module
 */

import { join, parse, relative } from "node:path";
import { exists, isFile } from "../../../src/files.ts";
import { printable } from "../../../src/printable.ts";
import { RESULTS_FILE, RESULTS_TABLE } from "../../../src/results/results.ts";
import { hashFile } from "../hash.ts";
import { DUMMY_DATA, ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { contentOf, copyResults } from "./only_results.ts";
import { rememberScript, scriptOf } from "./provenance.ts";
import { seedDatabase, type SeededDatabase } from "./seed_database.ts";

/** The script that makes the dummy data, unless another is named. */
export const DUMMY_SCRIPT: string = join(ROOT, DUMMY_DATA);

/** A dummy database that was made. */
export interface MadeDummyData extends SeededDatabase {
  /** Where an earlier database, which no script made, was moved to. */
  kept?: string;
}

/**
 * Makes a dummy database from a script. An earlier database that no script made may be real data: it is
 * moved aside.
 *
 * @param from The script, absolute.
 * @param to The database, absolute.
 * @throws {ToolError} As {@linkcode seedDatabase}.
 */
export function makeDummyData(from: string, to: string): MadeDummyData {
  const foreign = isFile(to) && Deno.statSync(to).size > 0 && scriptOf(to) === undefined;
  const kept = foreign ? freeName(to) : undefined;
  const seeded = seedDatabase({ from, to, needsResults: true, keepAs: kept });
  rememberScript(to, from);
  return { ...seeded, kept };
}

/** A name beside a database that isn't taken. */
function freeName(database: string): string {
  const { dir, name, ext } = parse(database);
  for (let number = 1;; number++) {
    const path = join(dir, `${name}.before-seed${number === 1 ? "" : `-${number}`}${ext}`);
    if (!exists(path)) return path;
  }
}

/** The data of a run on this machine; disposing of it removes what was made for this run alone. */
export interface DummyData extends Disposable {
  /** The input mount to run the job with, absolute. */
  input: string;
  /** Which data it is and why, in one or two sentences. */
  description: string;
}

/**
 * Finds the dummy data for a run. The database in the input mount is made from its script if it is
 * missing, or if the script's content has changed since. One that no script made is used unchanged.
 * The job gets `results` only, as in production.
 *
 * @param input The input mount, absolute.
 * @param from The script that a missing database is made from, absolute.
 * @throws {ToolError} The script fails.
 */
export function prepareDummyData(input: string, from: string = DUMMY_SCRIPT): DummyData {
  const database = join(input, RESULTS_FILE);
  const asIs = (description: string): DummyData => ({
    input,
    description: `Data: ${database}, ${description}`,
    [Symbol.dispose]() {},
  });
  const made = (script: string, how: string): DummyData =>
    isWritable(input) ? asIs(remake(script, database, how)) : madeElsewhere(script, input);
  if (!exists(database)) return made(from, "made from");
  const source = scriptOf(database);
  if (source === undefined) return onlyResultsOf(database) ?? asIs(FOREIGN);
  const { script, scriptSha256 } = source;
  if (!isFile(script)) {
    return asIs(`made earlier from ${shown(script)}, which doesn't exist any more`);
  }
  if (hashFile(script) !== scriptSha256) {
    return made(script, "made again from the changed");
  }
  return asIs(`made from ${shown(script)}`);
}

const FOREIGN = "which `deno task seed` didn't make. To use dummy data instead, run " +
  "`deno task seed`; it keeps this file under another name";

function remake(script: string, database: string, how: string): string {
  const { rows } = makeDummyData(script, database);
  return `${how} ${shown(script)}: ${countOf(rows)}`;
}

/** A database for one run, where the input mount can't be written to, as in a read-only checkout. */
function madeElsewhere(script: string, input: string): DummyData {
  const folder = new TemporaryFolder({ prefix: "dummy-data-", endOnSignal: false });
  try {
    const to = folder.join(RESULTS_FILE);
    const { rows } = seedDatabase({ from: script, to, needsResults: true });
    return {
      input: folder.path,
      description:
        `Data: made from ${shown(script)} for this run, as ${input} can't be written to: ` +
        countOf(rows),
      [Symbol.dispose]: () => folder[Symbol.dispose](),
    };
  } catch (error) {
    folder[Symbol.dispose]();
    throw error;
  }
}

function countOf(rows: number | undefined): string {
  return `${rows} ${rows === 1 ? "row" : "rows"}`;
}

function isWritable(folder: string): boolean {
  try {
    Deno.mkdirSync(folder, { recursive: true });
    Deno.removeSync(Deno.makeTempFileSync({ dir: folder, prefix: ".probe-" }));
    return true;
  } catch {
    return false;
  }
}

/** A copy of a database that holds more than `results`; `undefined` where the file itself will do. */
function onlyResultsOf(database: string): DummyData | undefined {
  let others: string[];
  try {
    const content = contentOf(database);
    if (content.onlyResults || !content.hasResults) return undefined;
    others = content.others;
  } catch {
    // Not a database, or a damaged one: the worker says what is wrong with it.
    return undefined;
  }
  const folder = new TemporaryFolder({ prefix: "dummy-data-", endOnSignal: false });
  try {
    copyResults(database, folder.join(RESULTS_FILE));
  } catch {
    folder[Symbol.dispose]();
    return undefined;
  }
  const hidden = others.length === 0
    ? ""
    : `; not ${others.map((name) => printable(name)).join(", ")}`;
  return {
    input: folder.path,
    description: `Data: ${RESULTS_TABLE} of ${database} (as in production${hidden}), ${FOREIGN}`,
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}

/** A script's name in the checkout, or its path. */
function shown(script: string): string {
  const path = relative(ROOT, script);
  return path.startsWith("..") ? script : path;
}
