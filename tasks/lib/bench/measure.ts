/**
 * Times commands, and sums up many runs of them.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { type Command, killChild, outcomeOf, startCommand } from "../process/command.ts";

/** One side of a comparison. */
export interface Side {
  /** Its name, for messages. */
  name: string;
  /** Prepares a run; not timed. */
  reset(): void;
  /** The commands to time, one after another. */
  commands: readonly Command[];
  /** Throws unless the run did its work; not timed. */
  check(): void;
}

/** The figures of many runs. */
export interface Summary {
  /** The middle one. */
  median: number;
  /** The least. */
  least: number;
  /** The most. */
  most: number;
}

/** Options of {@linkcode alternate}. */
export interface AlternateOptions {
  /** How many runs each side gets. */
  runs: number;
  /** Called before every run. */
  onRun(done: number, total: number): void;
}

/**
 * Runs sides in turn, A B A B, so other work of the machine slows all of them alike.
 *
 * @returns Seconds from start to exit, for each side.
 * @throws {ToolError} A command failed, or `check` threw.
 */
export async function alternate(
  sides: readonly Side[],
  { runs, onRun }: AlternateOptions,
): Promise<Summary[]> {
  const seconds = sides.map((): number[] => []);
  const total = runs * sides.length;
  for (let run = 0; run < total; run++) {
    onRun(run, total);
    const at = run % sides.length;
    seconds[at]!.push(await timeSide(sides[at]!));
  }
  return seconds.map(summarize);
}

async function timeSide({ name, reset, commands, check }: Side): Promise<number> {
  reset();
  // Writes of an earlier run that are still pending would slow this one down.
  await run({ program: "sync" });
  const started = performance.now();
  for (const command of commands) await run(command);
  const seconds = (performance.now() - started) / 1000;
  try {
    check();
  } catch (error) {
    throw new ToolError(`${name} exited with 0 but didn't do its work: ${messageOf(error)}`);
  }
  return seconds;
}

/** The commands that run now. */
const running = new Set<Deno.ChildProcess>();

/** Kills the commands that run now: the folder they write to is about to be removed. */
export function killRunning(): void {
  for (const child of running) killChild(child, "SIGKILL");
}

/**
 * Runs a command to its end.
 *
 * @param onStart Called with its process id.
 * @returns What it printed.
 * @throws {ToolError} It can't be started, or its exit code isn't 0.
 */
export async function run(
  command: Command,
  onStart: (pid: number) => void = () => {},
): Promise<string> {
  const child = startCommand(command, "piped");
  running.add(child);
  onStart(child.pid);
  const { code, stdout, stderr } = await outcomeOf(child);
  running.delete(child);
  if (code === 0) return stdout;
  throw new ToolError(`${command.program} failed (exit code ${code}):\n\n${stderr}`);
}

/** Sums up figures. */
export function summarize(figures: readonly number[]): Summary {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    median: (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2,
    least: sorted[0]!,
    most: sorted.at(-1)!,
  };
}
