/**
 * Runs a module of this checkout in a process that has no permission at all and can be killed: SQL of a
 * stranger can't be interrupted in any other way.
 *
 * @module
 */

import { join } from "node:path";
import { killChild, startCommand } from "./command.ts";
import { denoEnvironment } from "./deno_environment.ts";
import { ToolError } from "../errors.ts";
import { OWN_LOCK_CONFIG } from "../libraries/own_locks.ts";
import { onStop } from "./on_stop.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";

const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
const MOST_ERROR_CHARACTERS = 4000;

/** Options of {@linkcode runConfined}. */
export interface ConfinedOptions {
  /** Seconds it may run once its libraries are loaded. */
  seconds: number;
  /** Megabytes that its JavaScript may take. */
  megabytes: number;
  /**
   * A lock file of its own, for a module whose libraries other tasks shouldn't download.
   *
   * @default the checkout's
   */
  lock?: string;
}

/** A confined process was killed at one of its limits, or ended without an answer. */
export class KilledError extends ToolError {}

/**
 * Runs a module that answers by `answerOrder`.
 *
 * @param module Its path.
 * @param order What it is given, as JSON.
 * @returns Its answer.
 * @throws {KilledError} It ran too long, took too much memory, or answered too much.
 * @throws {ToolError} It can't be started, since a library can't be downloaded for example.
 */
export async function runConfined(
  module: string,
  order: unknown,
  { seconds, megabytes, lock }: ConfinedOptions,
): Promise<unknown> {
  const project = lock === undefined
    ? DENO_PROJECT_ARGS
    : [`--config=${join(ROOT, OWN_LOCK_CONFIG)}`, `--lock=${lock}`, "--frozen"];
  const child = startCommand({
    program: Deno.execPath(),
    args: [
      "run",
      "-q",
      "--no-prompt",
      `--v8-flags=--max-old-space-size=${megabytes}`,
      ...project,
      module,
    ],
    env: denoEnvironment(),
    stdin: "piped",
  }, "piped");
  const forget = onStop(() => killChild(child, "SIGKILL"));
  let late = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const startClock = () => {
    timer ??= setTimeout(() => {
      late = true;
      killChild(child, "SIGKILL");
    }, seconds * 1000);
  };
  try {
    const [{ text, whole }, said] = await Promise.all([
      readAnswer(child, startClock),
      readStart(child.stderr),
      new Blob([JSON.stringify(order)]).stream().pipeTo(child.stdin).catch(() => {}),
    ]);
    const { success } = await child.status;
    if (timer === undefined) throw new ToolError(`Can't start ${module}: ${firstLine(said)}`);
    if (late) throw new KilledError(`it takes more than ${seconds} s`);
    if (!whole) throw new KilledError(`it gives more than ${MOST_ANSWER_BYTES} bytes`);
    if (!success) throw new KilledError("it takes too much memory");
    return JSON.parse(text);
  } finally {
    clearTimeout(timer);
    killChild(child, "SIGKILL");
    forget();
  }
}

async function readAnswer(
  child: Deno.ChildProcess,
  onStart: () => void,
): Promise<{ text: string; whole: boolean }> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of child.stdout) {
    onStart();
    bytes += chunk.length;
    if (bytes > MOST_ANSWER_BYTES) {
      killChild(child, "SIGKILL");
      return { text, whole: false };
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return { text, whole: true };
}

/** The start of what a process says; the rest is read and dropped, as it would wait otherwise. */
async function readStart(stream: ReadableStream<Uint8Array>): Promise<string> {
  let text = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never)) {
    if (text.length < MOST_ERROR_CHARACTERS) text += chunk;
  }
  return text.slice(0, MOST_ERROR_CHARACTERS);
}

function firstLine(said: string): string {
  return said.trim().split("\n", 1)[0]!.replace(/^error: /, "") || "it ended at once";
}
