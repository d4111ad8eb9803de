/**
 * Learns a job's name and the hosts it wants, in a process with hardly a right and an isolate with none.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf } from "../../../src/errors.ts";
import { PROGRAM_NAME } from "../../../src/host/embedded_job.ts";
import { type JobDescription, parseDescription } from "../../../src/job/description.ts";
import { printable } from "../../../src/printable.ts";
import { relay } from "../../../src/relay.ts";
import { runBounded } from "../process/bounded_command.ts";
import { denoEnvironment } from "../process/deno_environment.ts";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

/** What a job may take while it loads; it may be hostile. */
const BOUNDS = { timeMs: 20_000, outputBytes: 1 << 20, memoryBytes: 1 << 30 };
const LONGEST_SHOWN = 2000;

/**
 * An isolate's permissions don't hold for what a module imports: Deno would ask a registry for any name that
 * the program computes, and some hosts for any path. A program is one file, so it has nothing to import.
 */
const WITHOUT_IMPORTS = ["--no-remote", "--no-npm", "--deny-import", "--no-config", "--no-lock"]
  .concat(["--unstable-worker-options"]);
/** Where Deno's cache is, and how it prints. */
const NEEDED_VARIABLES = ["PATH", "HOME", "USERPROFILE", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR"]
  .concat(["NO_COLOR", "DENO_NO_PACKAGE_JSON"]);

/** A job as it goes into a binary. */
export interface JobProgram {
  /** What the host must know about it. */
  job: JobDescription;
  /** The program that runs in its isolate; absent for the stock relay, which is the host's own code. */
  bytes?: Uint8Array<ArrayBuffer>;
}

/** Thrown where a program itself is at fault: it says that it is no job, or describes itself as no job may. */
export class NoJobError extends ToolError {}

/** The stock relay. */
export function stockRelay(): JobProgram {
  return { job: parseDescription({ name: relay.name, stock: true }) };
}

/**
 * Loads a job's program and asks what it is.
 *
 * @param bytes The program, from `bundleJob` or out of an archive.
 * @param shown What messages call the job.
 * @throws {NoJobError} It can't be loaded, exports no job, or describes itself as no job may.
 * @throws {ToolError} It gave no answer, or took too much time or memory.
 */
export async function describeProgram(
  bytes: Uint8Array<ArrayBuffer>,
  shown: string,
): Promise<JobProgram> {
  using folder = new TemporaryFolder({ prefix: "describe-" });
  const program = folder.join(PROGRAM_NAME);
  Deno.writeFileSync(program, bytes);
  const line = await ask(program, shown);
  try {
    // The program can write this line itself, so whatever is wrong with it is the program's fault.
    const answer = JSON.parse(line);
    if (answer.error !== undefined) throw new TypeError(answer.error);
    const job = parseDescription(answer.description);
    return job.stock ? { job } : { job, bytes };
  } catch (error) {
    throw new NoJobError(`${shown} is no job that can be built: ${show(messageOf(error))}`);
  }
}

async function ask(program: string, shown: string): Promise<string> {
  // The job may print, too: only a line that begins with this is the answer.
  const mark = crypto.randomUUID();
  const describer = {
    program: Deno.execPath(),
    args: ["run", "-q", "--no-prompt", `--allow-read=${program}`, ...WITHOUT_IMPORTS]
      .concat([join(ROOT, "tasks/lib/binary/describe_program.ts")])
      .concat([pathToFileURL(program).href, mark]),
    env: environment(),
    cwd: ROOT,
  };
  const { stdout, stderr, exceeded } = await runBounded(describer, BOUNDS);
  const line = stdout.split("\n").find((line) => line.startsWith(mark));
  if (line !== undefined) return line.slice(mark.length);
  throw new ToolError(
    exceeded === undefined
      ? `${shown} ended the process while it was loaded, without a word on what it is: ${
        show(stderr)
      }`
      : `${shown} took ${exceeded} to load, so its name and rights are unknown`,
  );
}

/** Nothing is downloaded, so the program needs no token, certificate or proxy. */
function environment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(denoEnvironment()).filter(([name]) => NEEDED_VARIABLES.includes(name)),
  );
}

function show(text: string): string {
  return printable(text.slice(0, LONGEST_SHOWN), "\n");
}
