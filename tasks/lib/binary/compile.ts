/**
 * Compiles a job into one binary, with the same bytes from every checkout of the same source.
 *
 * @module
 */

import { relative, resolve } from "node:path";
import type { JobDescription } from "../../../src/job/description.ts";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { ROOT } from "../project.ts";
import { compileProgram, prepareOutput } from "./compile_program.ts";
import { findTestRuntime } from "./denort.ts";
import { describeProgram } from "./describe_job.ts";
import { bundleJob } from "./job_program.ts";
import { type Permissions, workerPermissions } from "./permissions.ts";
import { type OnProgress, startStep } from "../screen/progress.ts";
import { checkTypes } from "../source/types.ts";
import { givenRuntime } from "./runtime.ts";

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /** The job's file. */
  entry: string;
  /** Where the binary goes; an earlier one is replaced, whole or not at all. */
  output: string;
  /** Called at each step. */
  onProgress?: OnProgress;
}

/** A compiled job. */
export interface CompiledBinary {
  /** Its path. */
  path: string;
  /** Its length in bytes. */
  size: number;
  /** Its SHA-256, in hexadecimal. */
  sha256: string;
  /** The job in it. */
  job: JobDescription;
  /** What its host may do. */
  permissions: Permissions;
  /** The runtime it is on, if not Deno's own download. */
  runtime?: string;
}

/**
 * Type-checks a job, bundles it, and compiles it with the host for linux/amd64.
 *
 * The bytes depend on the source, deno.lock, the permission set, Deno's version and the runtime, and on
 * nothing else. No code of the job is evaluated outside of an isolate.
 *
 * @throws {ToolError} The entry is missing, doesn't type-check or exports no job, or there is no runtime.
 */
export async function compile(options: CompileOptions): Promise<CompiledBinary> {
  const entry = resolve(options.entry);
  const path = resolve(options.output);
  if (!isFile(entry)) {
    throw new ToolError(`The entry ${options.entry} doesn't exist; expected a job's module`);
  }
  const runtime = givenRuntime() ?? findTestRuntime();
  const shown = relative(ROOT, entry);
  // Before the work that takes seconds.
  prepareOutput(path);
  startStep(options.onProgress, "Checking types");
  await checkTypes(entry);
  startStep(options.onProgress, "Compiling");
  const bytes = new TextEncoder().encode(await bundleJob(entry));
  const program = await describeProgram(bytes, shown);
  await compileProgram(program, { output: path, runtime });
  return {
    path,
    size: Deno.statSync(path).size,
    sha256: hashFile(path),
    job: program.job,
    permissions: workerPermissions(),
    runtime,
  };
}
