/**
 * Runs a program that isn't trusted, and ends it when it takes too much time or memory or says too much.
 *
 * @module
 */

import { type Command, killChild, startCommand } from "./command.ts";
import { onStop } from "./on_stop.ts";

/** How much a program may take. */
export interface Bounds {
  /** Milliseconds. */
  timeMs: number;
  /** Bytes on standard output, and as many on standard error. */
  outputBytes: number;
  /** Bytes of memory. They are watched where `/proc` shows them, which is on Linux. */
  memoryBytes: number;
}

/** How a program ended. */
export interface BoundedOutcome {
  /** What it printed. */
  stdout: string;
  /** What it wrote on standard error. */
  stderr: string;
  /** Which bound it exceeded, in words; absent if it ended on its own. */
  exceeded?: string;
}

const WATCH_MS = 50;

/**
 * Runs a program to its end, or to a bound. It is ended by SIGKILL: any other signal could be ignored.
 *
 * @throws {ToolError} It can't be started.
 */
export async function runBounded(command: Command, bounds: Bounds): Promise<BoundedOutcome> {
  const child = startCommand(command, "piped");
  const forget = onStop(() => killChild(child, "SIGKILL"));
  let exceeded: string | undefined;
  const end = (why: string) => {
    exceeded ??= why;
    killChild(child, "SIGKILL");
  };
  const timer = setTimeout(() => end(`more than ${bounds.timeMs / 1000} s`), bounds.timeMs);
  const watch = setInterval(() => {
    if (residentBytes(child.pid) > bounds.memoryBytes) {
      end(`more than ${bounds.memoryBytes / 2 ** 20} MiB of memory`);
    }
  }, WATCH_MS);
  const read = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
    const decoder = new TextDecoder();
    let text = "";
    let bytes = 0;
    for await (const chunk of stream) {
      bytes += chunk.length;
      if (bytes > bounds.outputBytes) end(`more than ${bounds.outputBytes / 1024} KiB of output`);
      else text += decoder.decode(chunk, { stream: true });
    }
    return text;
  };
  try {
    const [stdout, stderr] = await Promise.all([read(child.stdout), read(child.stderr)]);
    await child.status;
    return { stdout, stderr, ...exceeded === undefined ? {} : { exceeded } };
  } finally {
    clearTimeout(timer);
    clearInterval(watch);
    forget();
  }
}

/** The memory of a process in bytes; 0 where that can't be known. */
function residentBytes(pid: number): number {
  try {
    const [, kibibytes = "0"] = /^VmRSS:\s+(\d+) kB$/m.exec(
      Deno.readTextFileSync(`/proc/${pid}/status`),
    ) ?? [];
    return Number(kibibytes) * 1024;
  } catch {
    return 0;
  }
}
