/**
 * Runs a job in its isolate: a Web Worker that may read the results and write its staging folder, and
 * nothing else. The permissions keep a job in; what is here is for its convenience.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { messageOf, ResultsError } from "../errors.ts";
import type { Log, LogLevel } from "../log.ts";
import { openStaging } from "../output/staging.ts";
import { relay } from "../relay.ts";
import { Results } from "../results/results.ts";
import type { Job } from "./define_job.ts";
import type { HostMessage, IsolateMessage } from "./messages.ts";
import { placesIn } from "./places.ts";

declare const self: WorkerGlobalScope & typeof globalThis;

/** What lib.deno.worker.d.ts has, and this project's other modules must not see. */
interface WorkerGlobalScope {
  postMessage(message: IsolateMessage): void;
  close(): void;
}

type RunMessage = Extract<HostMessage, { type: "run" }>;

/**
 * Serves the host: describes or runs a job, and closes the isolate when the job has ended.
 *
 * @param exported The default export of the job's module; anything else than a job is an error.
 */
export function serveJob(exported: unknown): void {
  const stop = new AbortController();
  let root = "";
  const fail = (error: unknown) => {
    send({
      type: "failed",
      failure: {
        message: messageOf(error),
        places: placesIn(error, root),
        badInput: error instanceof ResultsError,
      },
    });
    self.close();
  };
  // What a job leaves behind without awaiting it fails the job.
  addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  addEventListener("error", (event) => {
    event.preventDefault();
    fail(event.error);
  });
  refuseExit(fail);
  addEventListener("message", async (event) => {
    const message = (event as MessageEvent<HostMessage>).data;
    if (message.type !== "stop") ({ root } = message);
    try {
      switch (message.type) {
        case "describe":
          send({ type: "described", description: describe(jobIn(exported)) });
          return self.close();
        case "run":
          await run(jobIn(exported), message, stop.signal);
          send({ type: "done" });
          return self.close();
        case "stop":
          return stop.abort(new Error(message.reason));
      }
    } catch (error) {
      fail(error);
    }
  });
}

async function run(job: Job, message: RunMessage, signal: AbortSignal): Promise<void> {
  const staging = openStaging({ directory: message.staging, results: message.original });
  using results = Results.open(message.results, "The results database");
  await job.process({
    results,
    artifacts: staging.artifacts,
    parameters: message.parameters,
    log: makeLog(),
    signal,
  });
  // Two turns of the event loop (the first may still belong to this one): a rejection that the job
  // left behind shows before its output does.
  await setImmediate();
  await setImmediate();
  staging.finish();
}

function describe(job: Job): unknown {
  const { name, network } = job;
  return { name, network, stock: job === relay };
}

function jobIn(exported: unknown): Job {
  const job = exported as Partial<Job> | null | undefined;
  if (typeof job?.name === "string" && typeof job.process === "function") return job as Job;
  throw new TypeError(
    "The module's default export isn't a job; expected `export default defineJob({ name, process })`",
  );
}

function makeLog(): Log {
  const write = (level: LogLevel) => (message: string, properties: Record<string, unknown> = {}) =>
    send({ type: "log", level, message: String(message), properties: toJson(properties) });
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warning"),
    error: write("error"),
  };
}

function toJson(properties: Record<string, unknown>): string {
  return JSON.stringify(
    properties,
    (_, value) => typeof value === "bigint" ? String(value) : value,
  ) ?? "{}";
}

/** Makes an attempt to end the isolate an error with a name, where it would otherwise end in silence. */
function refuseExit(fail: (error: unknown) => void): void {
  Deno.exit = (code) => {
    fail(new Error(`The job called Deno.exit(${code ?? ""}); return from process() instead`));
    throw new Error("A job can't end the process");
  };
}

function send(message: IsolateMessage): void {
  self.postMessage(message);
}
