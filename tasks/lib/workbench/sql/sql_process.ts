/**
 * Runs SQL in a process of its own: SQL can't be interrupted, but a process can be killed.
 *
 * @module
 */

import { printable } from "../../../../src/printable.ts";
import { killChild, startCommand } from "../../command.ts";
import { denoEnvironment } from "../../deno_environment.ts";
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
  id: number;
  result?: unknown;
  error?: string;
}

/** A call that waits for its answer. */
interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** A process, and the calls it has yet to answer. */
interface Running {
  child: Deno.ChildProcess;
  writer: WritableStreamDefaultWriter<Uint8Array>;
  pending: Map<number, Pending>;
  ended: Promise<void>;
}

/** The process was killed because of another call, so this one is made again. */
class Collateral extends Error {}

/** A process that answers calls one after another. It starts with the first call, and again after a kill. */
export class SqlProcess {
  readonly #options: SqlProcessOptions;
  readonly #all = new Set<Running>();
  #running?: Running;
  #lastId = 0;

  /** It isn't started yet. */
  constructor(options: SqlProcessOptions) {
    this.#options = options;
  }

  /**
   * Calls a function of the program.
   *
   * @throws {ToolError} The function failed, took too long, or the process ended.
   * @throws The signal's reason, when aborted.
   */
  async call<T>(name: string, order: unknown, options: CallOptions = {}): Promise<T> {
    for (;;) {
      try {
        return await this.#callOnce(name, order, options) as T;
      } catch (error) {
        if (!(error instanceof Collateral)) throw error;
      }
    }
  }

  /** Kills the process and waits until it has ended. */
  async close(): Promise<void> {
    const ended = [...this.#all].map(({ ended }) => ended);
    this.#kill(this.#running, new ToolError("The workbench is closing"));
    await Promise.all(ended);
  }

  async #callOnce(
    name: string,
    order: unknown,
    { seconds = 60, signal }: CallOptions,
  ): Promise<unknown> {
    signal?.throwIfAborted();
    const running = this.#running ??= this.#start();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    running.pending.set(id, { resolve, reject });
    const stop = (reason: Error) => {
      if (!running.pending.delete(id)) return;
      reject(reason);
      this.#kill(running, new Collateral());
    };
    const onAbort = () => stop(signal!.reason);
    const timer = setTimeout(
      () => stop(new ToolError(`This took longer than ${seconds} s, so it was stopped`)),
      seconds * 1000,
    );
    signal?.addEventListener("abort", onAbort);
    const line = `${JSON.stringify({ id, name, order })}\n`;
    // Where the process has ended, the call fails by that.
    running.writer.write(new TextEncoder().encode(line)).catch(() => {});
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }

  #kill(running: Running | undefined, reason: Error): void {
    if (running === undefined) return;
    if (this.#running === running) this.#running = undefined;
    killChild(running.child, "SIGKILL");
    fail(running, reason);
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
      pending: new Map(),
      ended: Promise.resolve(),
    };
    running.ended = this.#listen(running);
    this.#all.add(running);
    return running;
  }

  async #listen(running: Running): Promise<void> {
    const { child, pending } = running;
    const said = Array.fromAsync(linesOf(child.stderr, { longest: 2000 }));
    for await (const line of linesOf(child.stdout)) {
      const { id, result, error } = JSON.parse(line) as Answer;
      const call = pending.get(id);
      pending.delete(id);
      if (error === undefined) call?.resolve(result);
      else call?.reject(new ToolError(error));
    }
    const last = (await said).at(-1);
    await child.status;
    this.#all.delete(running);
    if (this.#running === running) this.#running = undefined;
    fail(
      running,
      new ToolError(`The SQL process ended${last === undefined ? "" : `: ${printable(last)}`}`),
    );
  }
}

/** Fails the calls that a process has yet to answer. */
function fail({ pending }: Running, reason: Error): void {
  for (const call of pending.values()) call.reject(reason);
  pending.clear();
}
