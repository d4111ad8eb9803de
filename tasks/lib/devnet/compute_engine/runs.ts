/**
 * The runs of a Compute Engine's jobs: queued, a few at a time, with a time limit each.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../../src/errors.ts";
import type { AdmittedJob } from "./admission.ts";
import type { LedgerStatus } from "./ledger.ts";

/** What a job's query is, as it was posted. */
export interface RunInput {
  /** The SQL. */
  query: string;
  /** The job owner's signature of exactly that text. */
  querySignature: string;
  /** The values of its placeholders. */
  params: readonly unknown[];
  /** The refiner that is queried. */
  refiner: bigint;
}

/** A job to be run. */
export interface RunTask {
  /** The job's id. */
  id: bigint;
  /** The job, as the chain has it. */
  job: AdmittedJob;
  /** What it asks. */
  input: RunInput;
  /** The folder for its artifacts, absolute and empty. */
  output: string;
  /** Writes a line of the job's log. */
  log(line: string): void;
  /** Aborted when the time is over, or the job is canceled. */
  signal: AbortSignal;
}

/** Runs a job; the files that are in its folder then are its artifacts. */
export type RunJob = (task: RunTask) => Promise<void>;

/** A run ended without success. */
export class RunFailure extends Error {
  /** The status that the engine says then. */
  readonly status: "failed" | "query_failed";

  /** Makes the error. */
  constructor(message: string, status: "failed" | "query_failed" = "failed") {
    super(message);
    this.status = status;
  }
}

/** How far a run is, in the engine's words. */
export type RunStatus =
  | "pending"
  | "queued"
  | "running"
  | "success"
  | "failed"
  | "query_failed"
  | "canceled";

/** An artifact of a run. */
export interface StoredArtifact {
  /** Its id. */
  id: string;
  /** Its name: its path below the run's folder. */
  name: string;
  /** Its file. */
  path: string;
  /** Its length in bytes. */
  size: number;
}

/** A run of a job. */
export interface Run {
  /** Its id. */
  id: string;
  /** When it was posted. */
  created: Date;
  /** How far it is. */
  status: RunStatus;
  /** Why it failed. */
  error?: string;
  /** The lines of its log so far. */
  log: string[];
  /** What it wrote; complete when it has succeeded. */
  artifacts: StoredArtifact[];
  /** Settled when it has ended. */
  ended: Promise<void>;
  /** Cancels it. */
  cancel(): void;
}

/** Options of {@linkcode Runs}. */
export interface RunsOptions {
  /** Runs a job. */
  run: RunJob;
  /** Where the runs' folders are made. */
  folder: string;
  /** So many run at a time. */
  atATime: number;
  /** Tells the chain how far a job has come. */
  report(id: bigint, status: LedgerStatus, message: string): Promise<void>;
}

/** The runs of an engine, by job. */
export class Runs {
  readonly #options: RunsOptions;
  readonly #runs = new Map<bigint, Run[]>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** Starts without any. */
  constructor(options: RunsOptions) {
    this.#options = options;
  }

  /** A job's newest run, or that of an id; `undefined` if there is none. */
  find(job: bigint, run?: string | null): Run | undefined {
    const runs = this.#runs.get(job) ?? [];
    return run ? runs.find(({ id }) => id === run) : runs.at(-1);
  }

  /** How many run and wait. */
  get counts(): { running: number; queued: number } {
    return { running: this.#running, queued: this.#waiting.length };
  }

  /** Adds a run of a job and starts it when it is its turn. */
  add(id: bigint, job: AdmittedJob, input: RunInput): Run {
    const stop = new AbortController();
    const run: Run = {
      id: crypto.randomUUID(),
      created: new Date(),
      status: "pending",
      log: [],
      artifacts: [],
      ended: Promise.resolve(),
      cancel: () => stop.abort(),
    };
    this.#runs.set(id, [...this.#runs.get(id) ?? [], run]);
    run.ended = this.#execute(run, { id, job, input, stop });
    return run;
  }

  /** Cancels all that runs, and waits for it. */
  async close(): Promise<void> {
    const all = [...this.#runs.values()].flat();
    for (const run of all) run.cancel();
    await Promise.all(all.map(({ ended }) => ended));
  }

  async #execute(
    run: Run,
    { id, job, input, stop }: {
      id: bigint;
      job: AdmittedJob;
      input: RunInput;
      stop: AbortController;
    },
  ): Promise<void> {
    await this.#turn(run);
    const output = join(this.#options.folder, run.id);
    const { signal } = stop;
    const tooLong = new RunFailure(`The job took longer than ${job.maxTimeout} s`);
    const clock = setTimeout(() => stop.abort(tooLong), job.maxTimeout * 1000);
    try {
      signal.throwIfAborted();
      run.status = "running";
      await this.#tell(id, "running");
      Deno.mkdirSync(output);
      const log = (line: string) => void run.log.push(line);
      await orAbort(this.#options.run({ id, job, input, output, log, signal }), signal);
      run.artifacts = [...filesIn(output)].map((file, at) => ({ ...file, id: `${at + 1}` }));
      // Before the status: who sees that it succeeded may look at the chain next.
      await this.#tell(id, "completed");
      run.status = "success";
    } catch (error) {
      if (signal.aborted && signal.reason !== tooLong) {
        run.status = "canceled";
        return;
      }
      run.error = messageOf(error);
      await this.#tell(id, "failed", run.error);
      run.status = error instanceof RunFailure ? error.status : "failed";
    } finally {
      clearTimeout(clock);
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  /** Of a second run of a job the chain knows more already, and refuses to go back. */
  async #tell(id: bigint, status: LedgerStatus, message = ""): Promise<void> {
    await this.#options.report(id, status, message).catch(() => {});
  }

  async #turn(run: Run): Promise<void> {
    while (this.#running >= this.#options.atATime) {
      run.status = "queued";
      await new Promise<void>((go) => this.#waiting.push(go));
    }
    this.#running++;
  }
}

/** Waits for some work, but no longer than until it is to stop. */
async function orAbort(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function* filesIn(folder: string, prefix = ""): Generator<Omit<StoredArtifact, "id">> {
  const entries = [...Deno.readDirSync(join(folder, prefix))];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = prefix + entry.name;
    const path = join(folder, name);
    if (entry.isDirectory) yield* filesIn(folder, `${name}/`);
    else if (entry.isFile) yield { name, path, size: Deno.statSync(path).size };
  }
}
