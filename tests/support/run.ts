/**
 * Runs the worker and the tasks as a user would, and tells what they did.
 *
 * @module
 */

import { join } from "node:path";
import { DENO_PROJECT_ARGS, ROOT, workerArgs } from "../../tasks/lib/project.ts";

/** What a process did. */
export interface Outcome {
  /** Its exit code. */
  code: number;
  /** What it printed. */
  stdout: string;
  /** What it logged. */
  stderr: string;
}

/** Variables that Deno itself needs, and no others: a test's own environment must not leak in. */
function baseEnv(): Record<string, string> {
  const names = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "DENORT_BIN"];
  const own = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(own), DENO_TLS_CA_STORE: "mozilla,system", NO_COLOR: "1" };
}

/** Starts `deno` with an environment of its own. */
export function spawnDeno(
  args: readonly string[],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return spawnProgram(Deno.execPath(), args, env);
}

/** Starts a program with an environment of its own, in the checkout's folder or another. */
export function spawnProgram(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  cwd: string = ROOT,
): Deno.ChildProcess {
  return new Deno.Command(program, {
    args: [...args],
    cwd,
    clearEnv: true,
    env: { ...baseEnv(), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for a process and collects what it said. */
export async function outcomeOf(process: Deno.ChildProcess): Promise<Outcome> {
  const { code, stdout, stderr } = await process.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

/** Starts a worker under just the permissions it has when compiled. */
export function spawnWorker(env: Record<string, string>, entry = "main.ts"): Deno.ChildProcess {
  return spawnDeno(workerArgs(join(ROOT, entry)), env);
}

/** Runs a worker to its end. */
export function runWorker(env: Record<string, string>, entry?: string): Promise<Outcome> {
  return outcomeOf(spawnWorker(env, entry));
}

/** Runs a task's program with the arguments a user would give after its name. */
export function runTask(
  name: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Outcome> {
  return outcomeOf(spawnTask(name, args, env));
}

/** Starts a task's program. */
export function spawnTask(
  name: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Deno.ChildProcess {
  return spawnDeno(["run", "-A", ...DENO_PROJECT_ARGS, `tasks/${name}.ts`, ...args], env);
}
