/**
 * Runs SQL in a process of its own: SQL can't be interrupted, but a process can be killed.
 *
 * @module
 */

import { printable } from "../../../../src/printable.ts";
import { killChild, startCommand } from "../../process/command.ts";
import { denoEnvironment } from "../../process/deno_environment.ts";
import { ToolError } from "../../errors.ts";
import { DENO_PROJECT_ARGS } from "../../project.ts";
import { linesOf } from "./text_lines.ts";

/** Options of {@linkcode SqlProcess}. */
export interface SqlProcessOptions {
  /** The program; it answers calls by {@linkcode serveCalls}. */
  program: string;
  /** Deno's options for what it may do. */
  permissions: readonly string[];
  /** A folder for its temporary files. */
  folder: string;
}

/** Options of {@linkcode SqlProcess.call}. */
export interface CallOptions {
  /**
   * Seconds after which the process is killed.
   *
   * @default 60
   */
  seconds?: number;
  /** Kills the process when aborted, if this call is under way. */
  signal?: AbortSignal;
}

/** An answer as it comes over the pipe. */
interface Answer {
  result?: unknown;
  error?: string;
}

/** A process, and the call that it is to answer. */
interface Running {
  child: Deno.ChildProcess;
  writer: WritableStreamDefaultWriter<Uint8Array>;
  call?: PromiseWithResolvers<unknown>;
  ended: Promise<void>;
}

/** A process that answers calls one after another. It starts with the first call, and again after a kill. */
export class SqlProcess {
  readonly #options: SqlProcessOptions;
  readonly #all = new Set<Running>();
  #running?: Running;
  #lastTurn: Promise<void> = Promise.resolve();

  /** It isn't started yet. */
  constructor(options: SqlProcessOptions) {
    this.#options = options;
  }

  /**
   * Calls a function of the program, after the calls before have been answered.
   *
   * @throws {ToolError} The function failed, took too long, or the process ended.
   * @throws The signal's reason, when aborted.
   */
  async call<T>(
    name: string,
    order: unknown,
    { seconds = 60, signal }: CallOptions = {},
  ): Promise<T> {
    const before = this.#lastTurn;
    const turn = Promise.withResolvers<void>();
    this.#lastTurn = turn.promise;
    await before;
    try {
      signal?.throwIfAborted();
      return await this.#run(name, order, { seconds, signal }) as T;
    } finally {
      turn.resolve();
    }
  }

  /** Kills the process and waits until it has ended. */
  async close(): Promise<void> {
    const ended = [...this.#all].map(({ ended }) => ended);
    this.#kill(this.#running, new ToolError("The workbench is closing"));
    await Promise.all(ended);
  }

  async #run(
    name: string,
    order: unknown,
    { seconds, signal }: { seconds: number; signal?: AbortSignal },
  ): Promise<unknown> {
    const running = this.#running ??= this.#start();
    const call = running.call = Promise.withResolvers<unknown>();
    const onAbort = () => this.#kill(running, signal!.reason);
    const timer = setTimeout(
      () =>
        this.#kill(running, new ToolError(`This took longer than ${seconds} s, so it was stopped`)),
      seconds * 1000,
    );
    signal?.addEventListener("abort", onAbort);
    const line = `${JSON.stringify({ name, order })}\n`;
    // Where the process has ended, the call fails by that.
    running.writer.write(new TextEncoder().encode(line)).catch(() => {});
    try {
      return await call.promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #kill(running: Running | undefined, reason: Error): void {
    if (running === undefined) return;
    if (this.#running === running) this.#running = undefined;
    killChild(running.child, "SIGKILL");
    void running.writer.abort().catch(() => {});
    running.call?.reject(reason);
  }

  #start(): Running {
    const { program, permissions, folder } = this.#options;
    const child = startCommand({
      program: Deno.execPath(),
      args: ["run", "-q", "--no-prompt", ...permissions, ...DENO_PROJECT_ARGS, program],
      env: { ...denoEnvironment(), TMPDIR: folder },
      stdin: "piped",
    }, "piped");
    const running: Running = {
      child,
      writer: child.stdin.getWriter(),
      ended: Promise.resolve(),
    };
    running.ended = this.#listen(running);
    this.#all.add(running);
    return running;
  }

  async #listen(running: Running): Promise<void> {
    const { child } = running;
    const said = Array.fromAsync(linesOf(child.stderr, { longest: 2000 }));
    for await (const line of linesOf(child.stdout)) {
      const { result, error } = JSON.parse(line) as Answer;
      if (error === undefined) running.call?.resolve(result);
      else running.call?.reject(new ToolError(error));
    }
    const last = (await said).at(-1);
    await child.status;
    this.#all.delete(running);
    if (this.#running === running) this.#running = undefined;
    const why = last === undefined ? "" : `: ${printable(last)}`;
    running.call?.reject(new ToolError(`The SQL process ended${why}`));
  }
}
