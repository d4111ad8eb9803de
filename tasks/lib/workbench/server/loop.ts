/**
 * The development loop: runs the job whenever it, its data or its query changes.
 *
 * @module
 */

import { messageOf } from "../../../../src/errors.ts";
import { shortPath } from "../../person_path.ts";
import { readModules } from "../../source/modules.ts";
import { checkTypes } from "../../source/types.ts";
import type { RunState, TypeCheck } from "../wire.ts";
import type { Artifacts } from "./artifacts.ts";
import type { Data } from "./data.ts";
import { readJobInfo } from "./job_info.ts";
import { type JobOutcome, runJob } from "./job_run.ts";
import type { Store } from "./store.ts";
import { WatchedFiles } from "./watch.ts";
import { shownText } from "./shown_text.ts";

/** What the loop works on. */
export interface LoopOptions {
  /** The job's module, absolute. */
  entry: string;
  /** The script of the data, absolute. */
  script: string;
  /** The output mount, absolute. */
  output: string;
  /** The job's data. */
  data: Data;
  /** What the job writes. */
  artifacts: Artifacts;
  /** Where all of it is shown. */
  store: Store;
}

/** A loop that runs. */
export interface Loop extends AsyncDisposable {
  /** Runs the job again. */
  restart(cause: string): void;
  /** Stops the run under way. */
  stop(): void;
}

/** One turn of the loop. */
interface Turn {
  run: AbortController;
  next: PromiseWithResolvers<string>;
}

/** Starts the loop with a first run. */
export function startLoop(options: LoopOptions): Loop {
  let closed = false;
  let turn: Turn | undefined;
  const again = (cause: string) => turn?.next.resolve(cause);
  const life = (async () => {
    let cause = "the start";
    for (let number = 1; !closed; number++) {
      const own: Turn = turn = { run: new AbortController(), next: Promise.withResolvers() };
      const watching = new AbortController();
      const files = watchModules(options, watching.signal, again);
      const running = runOnce(options, { number, cause, signal: own.run.signal });
      cause = await own.next.promise;
      watching.abort();
      own.run.abort();
      await Promise.all([files, running]);
    }
  })();
  return {
    restart: again,
    stop: () => turn?.run.abort(),
    async [Symbol.asyncDispose]() {
      closed = true;
      again("the end");
      await life;
    },
  };
}

/** Watches the files that the job is made of, and its script. */
async function watchModules(
  { entry, script, store }: LoopOptions,
  signal: AbortSignal,
  changed: (cause: string) => void,
): Promise<void> {
  try {
    const files = new WatchedFiles((path) => changed(`${shortPath(path)} changed`), signal);
    // Before the modules are read: a change meanwhile must not be missed.
    files.add([entry, script]);
    files.add((await readModules(entry)).files);
  } catch (error) {
    // What can't be loaded shows in the run; its entry is watched.
    const text = `Not all files of the job are watched: ${messageOf(error)}`;
    store.addLog([{ level: "warning", time: new Date().toISOString(), text: shownText(text) }]);
  }
}

async function runOnce(
  options: LoopOptions,
  { number, cause, signal }: { number: number; cause: string; signal: AbortSignal },
): Promise<void> {
  const { entry, output, data, artifacts, store } = options;
  const started = performance.now();
  let run: RunState = {
    number,
    cause,
    phase: "data",
    started: new Date().toISOString(),
    dropped: 0,
  };
  const show = (part: Partial<RunState>) =>
    store.change({ run: run = { ...run, dropped: store.state.run?.dropped ?? 0, ...part } });
  store.clearLog();
  store.change({ run });
  const checking = checkJob(options, signal);
  try {
    const input = await data.prepare(signal);
    show({ phase: "job" });
    const listing = data.list(signal);
    const outcome = await runJob({
      entry,
      input,
      output,
      signal,
      onLines: (lines) => store.addLog(lines),
    });
    store.change({ artifacts: artifacts.list() });
    show({ ...ending(outcome, signal), totalSeconds: (performance.now() - started) / 1000 });
    await listing;
  } catch (error) {
    if (signal.aborted) show({ phase: "stopped" });
    else show({ phase: "failed", error: { message: shownText(messageOf(error)) } });
  }
  if (!signal.aborted) {
    const job = await readJobInfo(entry, signal);
    if (!signal.aborted) store.change({ job });
  }
  await checking;
}

function ending(outcome: JobOutcome, signal: AbortSignal): Partial<RunState> {
  const { code, seconds, memoryBytes, error } = outcome;
  const figures = { code, seconds, memoryBytes };
  if (signal.aborted) return { ...figures, phase: "stopped" };
  if (code === 0) return { ...figures, phase: "done" };
  return {
    ...figures,
    phase: "failed",
    error: error ?? { message: `The job's process ended with code ${code}` },
  };
}

/** Checks the job's types beside the run: that takes longer than most jobs. */
async function checkJob({ entry, store }: LoopOptions, signal: AbortSignal): Promise<void> {
  const show = (check: TypeCheck) => {
    if (!signal.aborted) store.change({ check });
  };
  show({ state: "running", text: "" });
  try {
    await checkTypes(entry, signal);
    show({ state: "passed", text: "" });
  } catch (error) {
    show({ state: "failed", text: shownText(messageOf(error)) });
  }
}
