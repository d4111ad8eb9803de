/**
 * Runs a job from its source, as the binary would run it.
 *
 * @module
 */

import { isFile } from "../../../src/files.ts";
import { killChild } from "./command.ts";
import { ToolError } from "../errors.ts";
import { keylessEnvironment } from "./keyless_environment.ts";
import { workerArgs } from "../project.ts";

/**
 * Where a job can't be loaded, Deno prints the error, and the host prints it again in its own words.
 * `DENO_LOG` silences Deno's. The other is about Deno's own stack.
 */
export const WORKER_ENVIRONMENT: Readonly<Record<string, string>> = {
  DENO_LOG: "error,deno_runtime::web_worker=off",
  RUST_BACKTRACE: "0",
};

/** How a worker ended. */
export interface WorkerOutcome {
  /** Its exit code. */
  code: number;
  /** Whether this process was told to stop meanwhile. */
  terminated: boolean;
}

/** Options of {@linkcode runWorker}. */
export interface WorkerOptions {
  /**
   * Variables besides this process's own.
   *
   * @default {}
   */
  env?: Record<string, string>;
  /** Stops the worker. */
  signal?: AbortSignal;
}

/**
 * Runs a job to its end, on this process's own output. A signal to this process goes on to the worker.
 *
 * @param entry The job's module.
 * @throws {ToolError} There is no such file.
 */
export async function runWorker(
  entry: string,
  { env, signal }: WorkerOptions = {},
): Promise<WorkerOutcome> {
  if (!isFile(entry)) throw new ToolError(`${entry} doesn't exist; expected a job's module`);
  const worker = new Deno.Command(Deno.execPath(), {
    args: workerArgs(entry),
    clearEnv: true,
    env: { ...keylessEnvironment(), ...env, ...WORKER_ENVIRONMENT },
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const stop = () => killChild(worker, "SIGTERM");
  let terminated = false;
  const terminate = () => {
    terminated = true;
    stop();
  };
  signal?.addEventListener("abort", stop);
  // On Ctrl-C the terminal tells the worker too; its exit code is this process's.
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", terminate);
  const { code } = await worker.status;
  Deno.removeSignalListener("SIGTERM", terminate);
  Deno.removeSignalListener("SIGINT", ignore);
  signal?.removeEventListener("abort", stop);
  return { code, terminated };
}

function ignore(): void {}
