/**
 * Learns a job's name and the hosts it wants, in a process with hardly a right and an isolate with none.
 *
 * @module
 */

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { PROGRAM_NAME } from "../../../src/host/embedded_job.ts";
import { type JobDescription, parseDescription } from "../../../src/job/description.ts";
import { printable } from "../../../src/printable.ts";
import { relay } from "../../../src/relay.ts";
import { runBounded } from "../bounded_command.ts";
import { denoCommand } from "../deno.ts";
import { ToolError } from "../errors.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

/** What a job may take while it loads; it may be hostile. */
const BOUNDS = { timeMs: 20_000, outputBytes: 1 << 20, memoryBytes: 1 << 30 };
const LONGEST_SHOWN = 2000;

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
  const answer = await ask(program, shown);
  try {
    if (answer.error !== undefined) throw new TypeError(answer.error);
    const job = parseDescription(answer.description);
    return job.stock ? { job } : { job, bytes };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new NoJobError(`${shown} is no job that can be built: ${show(error.message)}`);
  }
}

async function ask(
  program: string,
  shown: string,
): Promise<{ description?: unknown; error?: string }> {
  // The job may print, too: only a line that begins with this is the answer.
  const mark = crypto.randomUUID();
  const { stdout, stderr, exceeded } = await runBounded(
    denoCommand(
      ["run", "-q", "--no-prompt", `--allow-read=${program}`, ...DENO_PROJECT_ARGS]
        .concat([join(ROOT, "tasks/lib/binary/describe_program.ts")])
        .concat([pathToFileURL(program).href, mark]),
      { cwd: ROOT },
    ),
    BOUNDS,
  );
  const line = stdout.split("\n").find((line) => line.startsWith(mark));
  if (line !== undefined) return JSON.parse(line.slice(mark.length));
  throw new ToolError(
    exceeded === undefined
      ? `${shown} ended the process while it was loaded, without a word on what it is: ${
        show(stderr)
      }`
      : `${shown} took ${exceeded} to load, so what it is can't be told`,
  );
}

function show(text: string): string {
  return printable(text.slice(0, LONGEST_SHOWN), "\n");
}
