/**
 * Times commands, and sums up many runs of them.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { killChild } from "../command.ts";

/** A command to time. */
export interface CommandLine {
  /** The program. */
  program: string;
  /** What it is given. */
  args?: readonly string[];
  /**
   * All of its environment.
   *
   * @default this process's own
   */
  env?: Record<string, string>;
}

/** One side of a comparison. */
export interface Side {
  /** What it is, for messages. */
  name: string;
  /** Makes things as they are before every run; not timed. */
  reset(): void;
  /** What is timed: commands one after another. */
  commands: readonly CommandLine[];
  /** Throws unless a run did what it should; not timed. */
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
  /** Told before every run. */
  onRun(done: number, total: number): void;
}

/**
 * Runs sides in turn, A B A B, so that what else the machine does meets all of them.
 *
 * @returns Seconds from start to exit, for each side.
 * @throws {ToolError} A command failed, or didn't do what it should.
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
  // What an earlier run left for the kernel to write must not slow this one down.
  await run({ program: "sync" });
  const started = performance.now();
  for (const command of commands) await run(command);
  const seconds = (performance.now() - started) / 1000;
  try {
    check();
  } catch (error) {
    throw new ToolError(`${name} exited with 0 and didn't do its work: ${messageOf(error)}`);
  }
  return seconds;
}

/** The children that run now. */
const running = new Set<Deno.ChildProcess>();

/** Kills the commands that run now: what they would write has no place any more. */
export function killRunning(): void {
  for (const child of running) killChild(child, "SIGKILL");
}

/**
 * Runs a command to its end.
 *
 * @param onStart Told its process id.
 * @returns What it printed.
 * @throws {ToolError} It can't be started, or its exit code isn't 0.
 */
export async function run(
  command: CommandLine,
  onStart: (pid: number) => void = () => {},
): Promise<string> {
  const { program, args = [], env } = command;
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      ...(env === undefined ? {} : { clearEnv: true, env }),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw new ToolError(`${program} can't be started: ${messageOf(error)}`);
  }
  running.add(child);
  onStart(child.pid);
  const { code, stdout, stderr } = await child.output();
  running.delete(child);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (code === 0) return text(stdout);
  throw new ToolError(`${program} failed (exit code ${code}):\n\n${text(stderr)}`);
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
