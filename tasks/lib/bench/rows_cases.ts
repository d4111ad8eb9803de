/**
 * Jobs that read all rows, against Python's own modules.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import type { Case, CaseContext, Row } from "./case.ts";
import { alternate } from "./measure.ts";
import { BenchMounts } from "./mounts.ts";
import { GB, ROWS } from "./workshop.ts";

/** Cases of jobs that read rows. */
export const ROWS_CASES: readonly Case[] = [
  {
    name: "rows",
    needs: ["python3"],
    bytes: GB,
    runs: 5,
    measure: (context) =>
      compare(context, {
        what: "`results.rows()`, 2 million rows of 5 columns, as objects",
        job: "count_rows",
        program: "python_rows",
        peer: "Python's `sqlite3`, tuples",
        artifact: "rows.txt",
        atMost: 1.2,
        check: (path) => assert.equal(Deno.readTextFileSync(path), String(ROWS)),
      }),
  },
  {
    name: "csv",
    needs: ["python3"],
    bytes: GB,
    runs: 5,
    measure: (context) =>
      compare(context, {
        what: "`writeCsv` of those rows",
        job: "rows_to_csv",
        program: "python_csv",
        peer: "Python's `csv` and `sqlite3`",
        artifact: "rows.csv",
        atMost: 0.5,
        // The shortest row: "1,user-0000001,de fr,0.37,2026-02-02T08:00:00Z".
        check: (path) => assert.ok(Deno.statSync(path).size > ROWS * 45, "rows are missing"),
      }),
  },
];

interface Comparison {
  what: string;
  /** The job in `jobs/`. */
  job: string;
  /** The Python program beside this file. */
  program: string;
  /** The Python program's name in the table. */
  peer: string;
  /** The file that both sides write. */
  artifact: string;
  atMost: number;
  check(path: string): void;
}

async function compare(
  { workshop, runs, onRun }: CaseContext,
  { what, job, program, peer, artifact, atMost, check }: Comparison,
): Promise<Row[]> {
  const database = await workshop.rowsDatabase();
  const input = dirname(database);
  const ours = new BenchMounts(workshop.join("relay"), input);
  const theirs = new BenchMounts(workshop.join("python"), input);
  const made = join(theirs.output, artifact);
  const python = await workshop.pythonCommand(program, { args: [database, made] });
  const [first, second] = await alternate([
    {
      name: job,
      reset: () => ours.empty(),
      commands: [{ program: await workshop.job(job), env: ours.devEnv() }],
      check: () => check(join(ours.output, artifact)),
    },
    {
      name: peer,
      reset: () => theirs.empty(),
      commands: [{ ...python, env: theirs.devEnv() }],
      check: () => check(made),
    },
  ], { runs, onRun });
  for (const mounts of [ours, theirs]) mounts.remove();
  return [{
    what,
    unit: "s",
    ours: first!,
    peer: { name: peer, summary: second! },
    bar: { of: "ratio", atMost },
  }];
}
