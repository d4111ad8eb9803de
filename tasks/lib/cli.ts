/**
 * What the tasks' command lines have in common: help, errors, exit codes.
 *
 * @module
 */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { tmpdir } from "node:os";
import { messageOf } from "../../src/errors.ts";
import { writeAll } from "../../src/files.ts";
import { exemptLoopbackFromProxies } from "../../src/loopback.ts";
import { printable } from "../../src/printable.ts";
import { ROOT } from "./project.ts";

/** Starts the definition of a task's command line; `deno task NAME --help` shows it. */
export function task(name: string, description: string): Command {
  return new Command(`deno task ${name}`)
    .description(description)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => writeTo(Deno.stdout, text),
      writeErr: (text) => writeTo(Deno.stderr, text),
    })
    .showHelpAfterError("(--help lists the options)");
}

/**
 * Runs a task and ends the process: with the exit code that `run` gives, 0 if it gives none, or
 * `failure` and a message if it throws. Where errors have codes of their own, `failure` gives the error's.
 */
export async function runTask(
  run: () => Promise<number | void>,
  { failure = 1 }: { failure?: number | ((error: unknown) => number) } = {},
): Promise<never> {
  const codeOf = (error: unknown) => typeof failure === "number" ? failure : failure(error);
  exemptLoopbackFromProxies(Deno.env);
  try {
    Deno.exit(await run() ?? 0);
  } catch (error) {
    // It is 0 for --help.
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? 0 : codeOf(error));
    writeTo(Deno.stderr, `error: ${printable(explain(messageOf(error)), "\n\t")}\n`);
    Deno.exit(codeOf(error));
  }
}

/** Adds what to do where a checkout is read-only, or a disk full: most often that of temporary files. */
function explain(message: string): string {
  if (/os error (?:13|30)\b|EROFS|EACCES/.test(message) && message.includes(ROOT)) {
    return `${message}\n\nWhere this checkout can't be written to, name other places for what a task ` +
      "writes (--help lists the options), set INPUT_PATH and OUTPUT_PATH, or work in a copy of it";
  }
  if (!/os error 28\b|ENOSPC|No space left on device/.test(message)) return message;
  return `${message}\n\nTemporary files are in ${tmpdir()}; if that is full, set TMPDIR to a folder with ` +
    "more room";
}

/** Prints a line on standard output. */
export function print(line = ""): void {
  writeTo(Deno.stdout, `${line}\n`);
}

/** Prints a line on standard error: for the person, not for a pipe. */
export function note(line: string): void {
  writeTo(Deno.stderr, `${line}\n`);
}

function writeTo(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    writeAll(stream, new TextEncoder().encode(text));
  } catch (error) {
    // The reader closed the pipe, as `| head` does.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
