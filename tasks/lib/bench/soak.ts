/**
 * Runs the compiled relay over and over against an engine that misbehaves, and counts the outcomes.
 *
 * @module
 */

import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Results, RESULTS_FILE } from "../../../src/results/results.ts";
import { type Fault, startEngine } from "../engine/engine.ts";
import { FAULTS } from "../engine/faults.ts";
import { signQuery } from "../engine/signature.ts";
import { killChild, startCommand } from "../process/command.ts";

/** The outcomes that {@linkcode soak} counts. */
export interface Tally {
  runs: number;
  /** Runs by exit code; `killed` for those ended by SIGKILL on purpose. */
  byExit: Map<string, number>;
  /** Bytes of whole outputs. */
  bytes: number;
  /** Outputs that were neither the old one nor the whole new one. */
  corrupted: number;
  /** Temporary files that a run which wasn't killed left behind, or that survived the next run. */
  leftovers: number;
  /** Runs whose exit code and output contradict each other, or whose exit code means nothing. */
  contradictions: number;
  /** The largest peak of resident memory of one run, in KiB. */
  peakKib: number;
}

/** Options of {@linkcode soak}. */
export interface SoakOptions {
  /** The compiled relay. */
  binary: string;
  /** How long to run, in milliseconds. */
  milliseconds: number;
  /** Runs side by side. */
  parallel: number;
  /** A folder for all files; the caller removes it. */
  folder: string;
  /** Called with a description of what went wrong. */
  onTrouble(what: string): void;
  /** Called after each run. */
  onRun(tally: Tally): void;
}

const QUERY = "SELECT id, body FROM data WHERE id <= ?";
const ROWS = 20_000;
const OLD_ROWS = 3;
const EXPECTED_EXITS = ["0", "2", "143"];

/** Runs for the given time and returns the tally. */
export async function soak(options: SoakOptions): Promise<Tally> {
  const tally: Tally = {
    runs: 0,
    byExit: new Map(),
    bytes: 0,
    corrupted: 0,
    leftovers: 0,
    contradictions: 0,
    peakKib: 0,
  };
  const database = join(options.folder, "data.db");
  {
    using db = new DatabaseSync(database);
    db.exec(`CREATE TABLE data(id INTEGER PRIMARY KEY, body TEXT);
      WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${ROWS})
      INSERT INTO data SELECT i, printf('%.200c', 'x') || i FROM c;`);
  }
  const key = crypto.getRandomValues(new Uint8Array(32)).toHex();
  const { signature } = await signQuery(QUERY, key);
  const end = performance.now() + options.milliseconds;
  await Promise.all(Array.from({ length: options.parallel }, async (_, lane) => {
    const folder = join(options.folder, `lane-${lane}`);
    while (performance.now() < end) {
      const { binary, onTrouble } = options;
      await runOnce({ folder, database, signature, binary, tally, onTrouble });
      options.onRun(tally);
    }
  }));
  return tally;
}

interface Lane {
  folder: string;
  database: string;
  signature: string;
  binary: string;
  tally: Tally;
  onTrouble(what: string): void;
}

async function runOnce(
  { folder, database, signature, binary, tally, onTrouble }: Lane,
): Promise<void> {
  const input = join(folder, "input");
  const output = join(folder, "output");
  const made = join(output, RESULTS_FILE);
  const rows = pick([0, 10, 1000, ROWS]);
  Deno.mkdirSync(input, { recursive: true });
  Deno.mkdirSync(output, { recursive: true });
  const answers = Deno.makeTempDirSync({ dir: folder });
  writeResults(made, OLD_ROWS);
  const faults = pickFaults();
  const before = { ...tally };
  const engine = startEngine({ database, folder: answers, faults });
  const env: Record<string, string> = {
    INPUT_PATH: input,
    OUTPUT_PATH: output,
    QUERY,
    QUERY_SIGNATURE: signature,
    QUERY_PARAMS: JSON.stringify([rows]),
    QUERY_ENGINE_URL: engine.url,
    QUERY_TIMEOUT_SECONDS: "5",
    DOWNLOAD_STALL_SECONDS: "0.5",
    ...(Math.random() < 0.2 ? { DEV_MODE: "1" } : {}),
  };
  if (env.DEV_MODE === "1") writeResults(join(input, RESULTS_FILE), rows);
  const fate = pick([undefined, undefined, undefined, undefined, "SIGKILL", "SIGTERM"] as const);
  const exit = await runBinary(binary, env, tally, fate);
  tally.runs++;
  tally.byExit.set(exit, (tally.byExit.get(exit) ?? 0) + 1);
  const found = rowsIn(made);
  const isNew = found === rows;
  if (!isNew && found !== OLD_ROWS) tally.corrupted++;
  else if (exit === "0") {
    if (isNew) tally.bytes += Deno.statSync(made).size;
    else tally.contradictions++;
  } else if (exit !== "killed" && (isNew || !EXPECTED_EXITS.includes(exit))) tally.contradictions++;
  if (exit === "killed") {
    writeResults(join(input, RESULTS_FILE), rows);
    await runBinary(binary, { ...env, DEV_MODE: "1" }, tally);
  }
  const left = [...temporaryIn(input), ...temporaryIn(output)];
  tally.leftovers += left.length;
  const wrong = [
    ...(tally.corrupted > before.corrupted ? [`the output has ${found} rows`] : []),
    ...(tally.contradictions > before.contradictions ? [`exit ${exit} with ${found} rows`] : []),
    ...(left.length > 0 ? [`${left.join(", ")} left by exit ${exit}`] : []),
  ];
  if (wrong.length > 0) onTrouble(`${JSON.stringify(faults)} ${fate ?? ""}: ${wrong.join("; ")}`);
  await engine.close();
  Deno.removeSync(answers, { recursive: true });
  Deno.removeSync(folder, { recursive: true });
}

/** Runs the binary, ends it early if `fate` says so, and returns its exit code. */
async function runBinary(
  binary: string,
  env: Record<string, string>,
  tally: Tally,
  fate?: "SIGKILL" | "SIGTERM",
): Promise<string> {
  const worker = startCommand({ program: binary, env }, "null");
  const watch = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${worker.pid}/status`);
      const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
      tally.peakKib = Math.max(tally.peakKib, peak);
    } catch {
      // It has ended.
    }
  }, 20);
  const timer = fate && setTimeout(() => killChild(worker, fate), Math.random() * 1000);
  const { code, signal } = await worker.status;
  clearTimeout(timer);
  clearInterval(watch);
  return signal === "SIGKILL" ? "killed" : String(code);
}

/** No, one or two faults, each permanent or for a few requests. */
function pickFaults(): Fault[] {
  return Array.from({ length: pick([0, 1, 1, 2]) }, () => {
    const name = pick(Object.keys(FAULTS));
    const stage = pick(FAULTS[name]!.stages);
    return { name, stage, times: pick([undefined, 1, 2]) };
  });
}

function writeResults(path: string, rows: number): void {
  const temporary = `${path}-new`;
  using db = new DatabaseSync(temporary);
  db.exec(`CREATE TABLE results(id INTEGER, body TEXT);
    WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < ${rows})
    INSERT INTO results SELECT i, printf('%.200c', 'x') || i FROM c WHERE ${rows} > 0;`);
  Deno.renameSync(temporary, path);
}

/** The number of rows, if the database is whole and holds exactly the rows from 1 on; otherwise -1. */
function rowsIn(path: string): number {
  try {
    using results = Results.open(path);
    let expected = 0;
    for (const { id, body } of results.rows()) {
      expected++;
      if (id !== expected || body !== "x".repeat(200) + expected) return -1;
    }
    return expected;
  } catch {
    return -1;
  }
}

function temporaryIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) =>
    name !== RESULTS_FILE
  );
}

function pick<T>(choices: readonly T[]): T {
  return choices[Math.floor(Math.random() * choices.length)]!;
}
