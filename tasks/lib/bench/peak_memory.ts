/**
 * The most memory that a command held at once.
 *
 * @module
 */

import { type Command, hasProgram, runCommand } from "../process/command.ts";
import { run } from "./measure.ts";

const SAMPLE_MS = 5;

const hasGnuTime = await isGnuTime();

/** How {@linkcode peakMemory} measures here, for the report. */
export const PEAK_METHOD: string = hasGnuTime
  ? "`time -f %M`: the kernel's own maximum resident set size"
  : "VmHWM in /proc/PID/status, read every 5 ms";

/**
 * Runs a command to its end and returns its peak of resident memory in bytes.
 *
 * @param scratch Where a file may be put.
 * @throws {ToolError} The command failed.
 */
export async function peakMemory(command: Command, scratch: string): Promise<number> {
  if (!hasGnuTime) return await sampledPeak(command);
  const { program, args = [], env } = command;
  await run({ program: "time", args: ["-f", "%M", "-o", scratch, program, ...args], env });
  return Number(Deno.readTextFileSync(scratch)) * 1024;
}

/** The kernel keeps the peak while the process lives; only its last milliseconds can be missed. */
async function sampledPeak(command: Command): Promise<number> {
  let peak = 0;
  let pid: number | undefined;
  const watch = setInterval(() => {
    try {
      const status = Deno.readTextFileSync(`/proc/${pid}/status`);
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024);
    } catch {
      // It hasn't begun, or has ended.
    }
  }, SAMPLE_MS);
  try {
    await run(command, (started) => pid = started);
  } finally {
    clearInterval(watch);
  }
  return peak;
}

/** The shell's own `time` is no program, and BSD's has no -f. */
async function isGnuTime(): Promise<boolean> {
  if (!hasProgram("time")) return false;
  const { success, stderr } = await runCommand({ program: "time", args: ["-f", "%M", "true"] });
  return success && /^\d+$/.test(stderr);
}
