/**
 * What every task's command line has in common: help, errors, exit codes.
 *
 * @module
 */

import { Command, CommanderError } from "@commander-js/extra-typings";
import { relative } from "node:path";
import { writeAll } from "../../src/files.ts";
import { personFolder } from "./person_path.ts";

/** Starts the definition of a task's command line; `deno task NAME --help` shows it. */
export function task(name: string, description: string): Command {
  return new Command(`deno task ${name}`)
    .description(description)
    .exitOverride()
    .configureOutput({ writeOut: writeLineless, writeErr: (text) => writeTo(Deno.stderr, text) })
    .showHelpAfterError("(--help lists the options)");
}

/**
 * Runs a task and ends the process: with the exit code that `run` gives, 0 if it gives none, or
 * `failure` and a one-line message if it throws.
 */
export async function runTask(
  run: () => Promise<number | void>,
  { failure = 1 }: { failure?: number } = {},
): Promise<never> {
  try {
    Deno.exit(await run() ?? 0);
  } catch (error) {
    // It is 0 for --help.
    if (error instanceof CommanderError) Deno.exit(error.exitCode === 0 ? 0 : failure);
    const message = error instanceof Error ? error.message : String(error);
    writeTo(Deno.stderr, `error: ${message}\n`);
    Deno.exit(failure);
  }
}

/** An absolute path as the person would type it: relative if it is in their folder. */
export function shortPath(path: string): string {
  const short = relative(personFolder(), path);
  return short.startsWith("..") ? path : short;
}

/** Prints a line on standard output. */
export function print(line = ""): void {
  writeTo(Deno.stdout, `${line}\n`);
}

/** Prints a line on standard error: what is for the person and not for a pipe. */
export function note(line: string): void {
  writeTo(Deno.stderr, `${line}\n`);
}

function writeLineless(text: string): void {
  writeTo(Deno.stdout, text);
}

function writeTo(stream: { writeSync(bytes: Uint8Array): number }, text: string): void {
  try {
    writeAll(stream, new TextEncoder().encode(text));
  } catch (error) {
    // `| head` closed the pipe: nobody reads on.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
