/**
 * The life of one run: parameters, input in place, the job in its isolate, output published, exit code.
 *
 * All of this is the host's own code. A job's code runs in its isolate only.
 *
 * @module
 */

import { ExitCode, messageOf, QueryEngineError, RelayError, ResultsError } from "../errors.ts";
import { formatBytes } from "../format_bytes.ts";
import { describeNetwork, type JobDescription } from "../job/description.ts";
import type { JobFailure } from "../job/messages.ts";
import { type HostLog, openLog } from "../logging.ts";
import { publish } from "../output/publication.ts";
import { pause } from "../pause.ts";
import { createRedact, valuesIn } from "../redact.ts";
import { settleDatabase, type SettledDatabase } from "../results/database_file.ts";
import { inspectResults } from "../results/inspect.ts";
import { placeInput } from "./input.ts";
import { type Isolate, startIsolate } from "./isolate.ts";
import { describeFailure } from "./job_failure.ts";
import { prepareDirectory } from "./mounts.ts";
import { openOutput, type Output } from "./output.ts";
import {
  PARAMETER_NAMES,
  readLogSettings,
  readParameters,
  type RunParameters,
} from "./parameters.ts";
import { refuseReadableSignature } from "./readable_signature.ts";
import { relayResults } from "./relay_results.ts";
import { STOP_SIGNALS, Stopped, type StopSignal } from "./stopped.ts";
import { listSockets, listThreads, othersGone } from "./own_process.ts";

/** A job, and where its isolate starts. */
export interface HostedJob {
  /** What the host knows about it. */
  description: JobDescription;
  /** The module that its isolate starts with. */
  entry: URL;
  /** The URL that places in its code are shown relative to, with a slash at its end. */
  root: string;
}

/** Milliseconds a stopped run waits for what it has under way; it must end within a second. */
const LAST_MOMENT_MS = 400;

/** Milliseconds a stopped run waits for its isolate's threads to end. */
const STOPPED_THREADS_MS = 200;

/** Milliseconds a run waits for its isolate's threads to end. Deno ends a nested worker after 2 s. */
const THREADS_MS = 5000;

/** Milliseconds that the connections by which the input came may take to close. */
const CONNECTIONS_MS = 2000;

/** One run under way. */
interface Run {
  readonly job: HostedJob;
  readonly log: HostLog;
  readonly stop: AbortController;
  output?: Output;
  isolate?: Isolate;
  /** The threads that ran before the isolate was started. */
  ownThreads?: ReadonlySet<string>;
  /** The run's end has begun: nothing that the isolate says counts any more. */
  ending: boolean;
  /** The job says that it has ended well. */
  done: boolean;
  /** Resolved when the job has ended, well or not. */
  readonly ended: PromiseWithResolvers<void>;
}

/**
 * Runs a job from its start to the end of the process: it exits with 0 when the output is in place, 1
 * for bad parameters or mounts, 2 for no valid input, 3 when the job failed, 143 or 130 when stopped by
 * SIGTERM or SIGINT.
 *
 * It returns while the run is under way. The caller must not keep the event loop alive: a job that ends
 * its isolate shows only by the loop's end.
 */
export function runHost(job: HostedJob): void {
  const read = takeEnvironment();
  const redact = createRedact({
    signature: read("QUERY_SIGNATURE"),
    texts: [read("QUERY"), read("QUERY_PARAMS")].flatMap((text) => text ?? [])
      .concat(valuesIn(parseOrNothing(read("QUERY_PARAMS")))),
  });
  const log = openLog({ ...readLogSettings(read), redact });
  const run: Run = {
    job,
    log,
    stop: new AbortController(),
    ending: false,
    done: false,
    ended: Promise.withResolvers(),
  };
  addEventListener("beforeunload", (event) => {
    event.preventDefault();
    void endDrained(run);
  });
  const life = live(run, read);
  life.catch((error) => fail(run, error));
  for (const name of Object.keys(STOP_SIGNALS) as StopSignal[]) {
    Deno.addSignalListener(name, () => void stop(run, life, new Stopped(name)));
  }
}

/**
 * Takes the parameters out of the environment: Deno lets code without permissions read variables by its
 * internals, and the signature is among them.
 */
function takeEnvironment(): (name: string) => string | undefined {
  const values = new Map(PARAMETER_NAMES.map((name) => [name, Deno.env.get(name)]));
  for (const name of values.keys()) Deno.env.delete(name);
  return (name) => values.get(name);
}

/** Does all there is to do before the job's isolate takes over; the stock relay to its end. */
async function live(run: Run, read: (name: string) => string | undefined): Promise<void> {
  const { job, log, stop: { signal } } = run;
  const parameters = readParameters(read);
  if (!job.description.stock) refuseReadableSignature(read);
  prepareDirectory(parameters.inputPath, "INPUT_PATH");
  const output = run.output = await openOutput(parameters.outputPath, log);
  const ownSockets = job.description.stock ? undefined : listSockets();
  const path = await placeInput(parameters, { log, signal });
  signal.throwIfAborted();
  const settled = await settleDatabase(path, output.scratch);
  signal.throwIfAborted();
  checkKind(inspectResults(settled.path, path).kind, { path, parameters, log });
  if (!job.description.stock) {
    // A job can write to any descriptor of its process.
    if (!await othersGone(listSockets, ownSockets, { patienceMs: CONNECTIONS_MS })) {
      throw new QueryEngineError(
        "A connection that brought the results is still open, so the job was not started; try again",
      );
    }
    signal.throwIfAborted();
    return startJob(run, { output, settled, parameters });
  }
  await relayResults(settled.complete, output);
  signal.throwIfAborted();
  await publishAndExit(run, output);
}

/** In production `results` is a table: a view's SQL could run for ever. */
function checkKind(
  kind: "table" | "view",
  { path, parameters, log }: { path: string; parameters: RunParameters; log: HostLog },
): void {
  if (kind === "table") return;
  if (!parameters.devMode) {
    throw new ResultsError(
      `${path}: "results" is a view; expected a table, as the Query Engine makes it`,
    );
  }
  log.warn('"results" is a view, which is accepted in DEV_MODE only: in production it is a table');
}

function startJob(
  run: Run,
  { output, settled, parameters }: {
    output: Output;
    settled: SettledDatabase;
    parameters: RunParameters;
  },
): void {
  const { job, log } = run;
  const { name, network } = job.description;
  if (network.length > 0) {
    log.notice(`The job ${name} may connect to: ${describeNetwork(network)}`);
  }
  const files = [...new Set([settled.path, settled.complete])];
  run.ownThreads = listThreads();
  const write = { debug: log.debug, info: log.info, warning: log.warn, error: log.error };
  run.isolate = startIsolate({
    entry: job.entry,
    rights: { read: [...files, output.staging], write: [output.staging], network },
    root: job.root,
    listener: {
      onLog: (level, message, properties) => write[level](message, properties),
      onDone() {
        run.done = true;
        run.ended.resolve();
      },
      onFailed(failure) {
        run.ended.resolve();
        void failJob(run, failure);
      },
    },
  });
  run.isolate.send({
    type: "run",
    results: settled.path,
    original: settled.complete,
    staging: output.staging,
    parameters: {
      devMode: parameters.devMode,
      query: parameters.query,
      queryParams: parameters.queryParams,
      computeJobId: parameters.computeJobId,
      dataRefinerId: parameters.dataRefinerId,
    },
    root: job.root,
  });
}

/**
 * The event loop has nothing left to do: the isolate has ended. The staging folder is still only when
 * the workers that the isolate may have started have ended, too.
 */
async function endDrained(run: Run): Promise<void> {
  const { output, job: { description: { name } } } = run;
  if (run.ending) return;
  if (!run.done || output === undefined) {
    return await failWith(
      run,
      `The job ${name} failed: it ended its isolate before it was done. Return from process() instead ` +
        "of closing or exiting",
    );
  }
  if (!await othersGone(listThreads, run.ownThreads, { patienceMs: THREADS_MS })) {
    return await failWith(
      run,
      `The job ${name} failed: a worker that it started, or a call of it, went on for ` +
        `${THREADS_MS / 1000} s after its end. End workers before process() returns`,
      { patienceMs: 0 },
    );
  }
  await publishAndExit(run, output);
}

async function publishAndExit(run: Run, output: Output): Promise<void> {
  if (run.ending) return;
  const { log, job: { description: { name } } } = run;
  try {
    const files = publish(output);
    if (files.length === 0) log.warn(`The job ${name} wrote no artifacts`);
    for (const { name, bytes } of files) {
      const path = `${output.directory}/${name}`;
      log.info(`Wrote ${path} (${formatBytes(bytes)})`, { path, bytes });
    }
  } catch (error) {
    return await fail(run, error);
  }
  await end(run, ExitCode.done);
}

/** Ends a run that was told to stop, after a moment for what it has under way. */
async function stop(run: Run, life: Promise<void>, stopped: Stopped): Promise<void> {
  if (run.stop.signal.aborted) return;
  run.stop.abort(stopped);
  // A run that is failing already has no last moment left to give.
  const ending = run.ending;
  run.ending = true;
  run.isolate?.send({ type: "stop", reason: stopped.message });
  const underWay = run.isolate === undefined ? life.catch(() => {}) : run.ended.promise;
  if (!ending) await Promise.race([underWay, pause(LAST_MOMENT_MS)]);
  run.log.warn(`${stopped.message}; the output is as it was`);
  await end(run, stopped.exitCode, STOPPED_THREADS_MS);
}

async function failJob(run: Run, failure: JobFailure): Promise<void> {
  if (run.ending) return;
  if (failure.places.length > 0) run.log.debug(`Thrown at ${failure.places.join(", from ")}`);
  const code = failure.badInput ? ExitCode.noInput : ExitCode.jobFailed;
  await failWith(run, describeFailure(run.job.description, failure), { code });
}

async function fail(run: Run, error: unknown): Promise<void> {
  if (run.ending) return;
  if (error instanceof RelayError) {
    return await failWith(run, error.message, { code: error.exitCode });
  }
  if (error instanceof Error) run.log.debug(error.stack ?? "no stack");
  await failWith(run, `The run failed: ${messageOf(error)}`);
}

async function failWith(
  run: Run,
  message: string,
  { code = ExitCode.jobFailed, patienceMs }: { code?: number; patienceMs?: number } = {},
): Promise<void> {
  run.log.error(message);
  await end(run, code, patienceMs);
}

/** Ends the process. What the isolate has left running could make the folders again that are removed. */
async function end(run: Run, code: number, patienceMs: number = THREADS_MS): Promise<void> {
  run.ending = true;
  if (run.isolate !== undefined) {
    const before = listThreads();
    run.isolate.terminate();
    // Deno has a thread of its own sleep for two seconds, and then look whether the isolate still runs.
    const spare = before === undefined ? undefined : listThreads()?.difference(before);
    await othersGone(listThreads, run.ownThreads, { patienceMs, spare });
  }
  run.output?.discard();
  Deno.exit(code);
}

function parseOrNothing(json: string | undefined): unknown {
  try {
    return JSON.parse(json ?? "null");
  } catch {
    return null;
  }
}
