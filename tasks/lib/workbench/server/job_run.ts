/**
 * Runs a job once, and says what happens while it does.
 *
 * @module
 */

import { LOG_LEVELS } from "../../../../src/log.ts";
import { keylessEnvironment } from "../../process/keyless_environment.ts";
import { killChild, startCommand } from "../../process/command.ts";
import { workerArgs } from "../../project.ts";
import { WORKER_ENVIRONMENT } from "../../process/worker.ts";
import { linesOf } from "../sql/text_lines.ts";
import type { LogLine } from "../wire.ts";
import { shownText } from "./shown_text.ts";

/** Options of {@linkcode runJob}. */
export interface JobRunOptions {
  /** The job's module. */
  entry: string;
  /** The input mount. */
  input: string;
  /** The output mount. */
  output: string;
  /** Stops the job. */
  signal: AbortSignal;
  /** Called with the lines it logs. */
  onLines(lines: LogLine[]): void;
}

/** How a run ended. */
export interface JobOutcome {
  /** The exit code. */
  code: number;
  /** How long it ran. */
  seconds: number;
  /** The most memory that its process took, where the system says. */
  memoryBytes?: number;
  /** The last error it logged. */
  error?: { message: string; place?: string };
}

/** Milliseconds a job has for an orderly end when it is stopped. */
const PATIENCE_MS = 3000;
const MEMORY_INTERVAL_MS = 50;

/** Lines are passed on together this often, since a job may log thousands in a moment. */
const FLUSH_MS = 40;
const LONGEST_LINE = 20_000;

/** Runs a job as `deno task dev` does: in its isolate, under the rights it has in production. */
export async function runJob(
  { entry, input, output, signal, onLines }: JobRunOptions,
): Promise<JobOutcome> {
  const started = performance.now();
  const worker = startCommand({
    program: Deno.execPath(),
    args: workerArgs(entry),
    env: {
      ...keylessEnvironment(),
      DEV_MODE: "1",
      INPUT_PATH: input,
      OUTPUT_PATH: output,
      ...WORKER_ENVIRONMENT,
      LOG_FORMAT: "json",
      NO_COLOR: "1",
    },
  }, "piped");
  let waiting: LogLine[] = [];
  let error: JobOutcome["error"];
  const flush = () => {
    if (waiting.length > 0) onLines(waiting);
    waiting = [];
  };
  const collect = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const text of linesOf(stream, { longest: LONGEST_LINE })) {
      const line = lineOf(text);
      waiting.push(line);
      if (line.level === "error") error = errorOf(line.text);
    }
  };
  let memoryBytes: number | undefined;
  const timers = [
    setInterval(flush, FLUSH_MS),
    setInterval(() => memoryBytes = peakMemory(worker.pid) ?? memoryBytes, MEMORY_INTERVAL_MS),
  ];
  let killing: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    killChild(worker, "SIGTERM");
    killing = setTimeout(() => killChild(worker, "SIGKILL"), PATIENCE_MS);
  };
  if (signal.aborted) stop();
  signal.addEventListener("abort", stop);
  try {
    const [{ code }] = await Promise.all([
      worker.status,
      collect(worker.stdout),
      collect(worker.stderr),
    ]);
    return { code, seconds: (performance.now() - started) / 1000, memoryBytes, error };
  } finally {
    for (const timer of timers) clearInterval(timer);
    clearTimeout(killing);
    signal.removeEventListener("abort", stop);
    flush();
  }
}

/** Reads a line of the host's JSON log; any other line was printed past it. */
function lineOf(text: string): LogLine {
  try {
    const { "@timestamp": time, level, message } = JSON.parse(text);
    const known = LOG_LEVELS.find((name) => name === String(level).toLowerCase()) ??
      (/^warn$/i.test(level) ? "warning" : undefined);
    if (known !== undefined && typeof message === "string") {
      return { level: known, time: String(time), text: shownText(message) };
    }
  } catch {
    // Not of the log.
  }
  return { level: "output", time: new Date().toISOString(), text: shownText(text) };
}

function errorOf(message: string): { message: string; place?: string } {
  const [, place] = /\(at (\S+:\d+:\d+)\)/.exec(message) ?? [];
  return { message, place };
}

/** VmHWM of proc(5), where there is a /proc. */
function peakMemory(pid: number): number | undefined {
  try {
    const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(
      Deno.readTextFileSync(`/proc/${pid}/status`),
    )!;
    return Number(kibibytes) * 1024;
  } catch {
    return undefined;
  }
}
