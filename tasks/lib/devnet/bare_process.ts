/**
 * Runs jobs without Docker: the binary out of an archive that is proved, as a process of its own.
 *
 * @module
 */

import { join } from "node:path";
import { proveArchive } from "../audit/prove.ts";
import { takeApart } from "../audit/take_apart.ts";
import { killChild, startCommand } from "../process/command.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { RunFailure, type RunJob } from "./compute_engine/runs.ts";
import { finishJob, jobVariables } from "./job_environment.ts";

/** How processes run. */
export interface ProcessOptions {
  /** The Query Engine's URL. */
  queryEngineUrl: string;
  /** Where the archive of a SHA-256 is. */
  archiveOf: (sha256: string) => string;
  /** The base that a proof trusts, if not the Dockerfile's. */
  base?: string;
}

/**
 * Makes the function that runs a job as a process. There is no container to keep it in, so only what is
 * proved to be this checkout's own host runs: its binary keeps to the permissions it was compiled with.
 */
export function runAsProcess({ queryEngineUrl, archiveOf, base }: ProcessOptions): RunJob {
  return async (task) => {
    const archive = archiveOf(task.job.image.sha256);
    const { verdict, reasons } = await proveArchive(archive, { base });
    if (verdict !== "proved") {
      throw new RunFailure(
        "Without Docker only an archive runs that is proved to be made from this checkout: " +
          reasons.join("; "),
      );
    }
    using folder = new TemporaryFolder({ prefix: "devnet-job-", endOnSignal: false });
    const { binary } = await takeApart(archive, folder.path);
    Deno.chmodSync(binary, 0o755);
    const input = folder.join("input");
    Deno.mkdirSync(input);
    task.signal.throwIfAborted();
    const child = startCommand({
      program: binary,
      cwd: folder.path,
      env: {
        ...jobVariables(task, queryEngineUrl),
        INPUT_PATH: input,
        OUTPUT_PATH: task.output,
        TMPDIR: folder.path,
        PATH: "",
        HOME: join(folder.path, "home"),
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
