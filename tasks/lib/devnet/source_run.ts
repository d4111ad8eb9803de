/**
 * Runs jobs from their source, where no archive can be made.
 *
 * @module
 */

import { killChild, startCommand } from "../process/command.ts";
import { keylessEnvironment } from "../process/keyless_environment.ts";
import { workerArgs } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { RunJob } from "./compute_engine/runs.ts";
import { finishJob, jobVariables } from "./job_environment.ts";

/** Makes the function that runs a job from its source, under the permissions that its binary would have. */
export function runFromSource(entry: string, queryEngineUrl: string): RunJob {
  return async (task) => {
    using input = new TemporaryFolder({ prefix: "devnet-input-", endOnSignal: false });
    task.signal.throwIfAborted();
    const child = startCommand({
      program: Deno.execPath(),
      args: workerArgs(entry),
      env: {
        ...keylessEnvironment(),
        ...jobVariables(task, queryEngineUrl),
        INPUT_PATH: input.path,
        OUTPUT_PATH: task.output,
      },
    }, "piped");
    const kill = () => killChild(child, "SIGKILL");
    task.signal.addEventListener("abort", kill);
    try {
      await finishJob(child, task);
    } finally {
      task.signal.removeEventListener("abort", kill);
    }
  };
}
