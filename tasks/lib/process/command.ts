/**
 * Runs other programs.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { keylessEnvironment } from "./keyless_environment.ts";

/** A program and how it is started. */
export interface Command {
  /** The program: a path, or a name that is looked up in `PATH`. */
  program: string;
  /**
   * Its arguments.
   *
   * @default []
   */
  args?: readonly string[];
  /**
   * All of its environment.
   *
   * @default this process's own, without keys
   */
  env?: Record<string, string>;
  /**
   * The folder it starts in.
   *
   * @default this process's own
   */
  cwd?: string;
  /**
   * Its standard input: nothing, or what the caller writes to the child's `stdin`.
   *
   * @default "null"
   */
  stdin?: "null" | "piped";
  /**
   * What to do where the program isn't installed, for the error's message.
   *
   * @default nothing
   */
  install?: string;
  /** Kills it when aborted. */
  signal?: AbortSignal;
}

/** What a program did. */
export interface CommandOutcome {
  /** Its exit code. */
  code: number;
  /** Whether the exit code was 0. */
  success: boolean;
  /** What it printed, without spaces at the ends. */
  stdout: string;
  /** What it wrote on standard error, without spaces at the ends. */
  stderr: string;
}

/** Whether a program is installed: a file of that name is in a folder of `PATH`. */
export function hasProgram(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(join(folder, name)));
}

/**
 * Starts a program.
 *
 * @param output Whether what it prints goes to this process's own streams, is collected, or is dropped.
 * @throws {ToolError} It isn't installed or can't be started.
 */
export function startCommand(
  { program, args = [], env, cwd, stdin = "null", install, signal }: Command,
  output: "inherit" | "piped" | "null",
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      clearEnv: true,
      env: env ?? keylessEnvironment(),
      cwd,
      signal,
      stdin,
      stdout: output,
      stderr: output,
    }).spawn();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new ToolError(
        `There is no program "${program}".${install === undefined ? "" : ` ${install}`}`,
      );
    }
    throw new ToolError(`${program} can't be started: ${messageOf(error)}`);
  }
}

/**
 * Runs a program to its end and collects what it prints.
 *
 * @throws {ToolError} It isn't installed or can't be started. An exit code other than 0 isn't an error.
 */
export async function runCommand(command: Command): Promise<CommandOutcome> {
  return await outcomeOf(startCommand(command, "piped"));
}

/** Waits for a program whose output is piped, and collects what it prints. */
export async function outcomeOf(child: Deno.ChildProcess): Promise<CommandOutcome> {
  const { code, success, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, success, stdout: text(stdout), stderr: text(stderr) };
}

/** Sends a signal to a child process, if it hasn't ended yet. */
export function killChild(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}
