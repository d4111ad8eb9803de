/**
 * Copies of this checkout, as another person would have it elsewhere.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { ROOT } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { type Outcome, outcomeOf, spawnDeno, spawnProgram } from "./run.ts";

const PARTS = [
  "deno.json",
  "deno.lock",
  "import_map.json",
  "main.ts",
  "mod.ts",
  "Dockerfile",
  "releases.json",
  ".tool-versions",
]
  .concat(["dummy_data.sql", "src", "tasks", "examples"]);

/** Options of {@linkcode Checkout.task}. */
export interface TaskOptions {
  /**
   * The folder the person stands in, from the checkout's.
   *
   * @default "."
   */
  folder?: string;
  /**
   * Variables besides those that Deno needs.
   *
   * @default {}
   */
  env?: Record<string, string>;
}

/** A copy of this checkout that goes away at the end of the `using` block. */
export class Checkout implements Disposable {
  /** Its folder. */
  readonly path: string;
  readonly #folder: TemporaryFolder = new TemporaryFolder({ prefix: "checkout-" });

  /** Copies it to a place as deep below a temporary folder as `place` says, with other times. */
  constructor(place: string, { mtime }: { mtime: number }) {
    this.path = this.#folder.join(place);
    for (const part of PARTS) this.#copy(part, mtime);
  }

  /** Starts one of its tasks. */
  spawn(name: string, args: string[], env: Record<string, string> = {}): Deno.ChildProcess {
    const project = [`--config=${this.join("deno.json")}`, `--lock=${this.join("deno.lock")}`];
    return spawnDeno(
      ["run", "-A", ...project, "--frozen", this.join(`tasks/${name}.ts`), ...args],
      env,
    );
  }

  /** Runs one of its tasks. */
  run(name: string, args: string[], env: Record<string, string> = {}): Promise<Outcome> {
    return outcomeOf(this.spawn(name, args, env));
  }

  /** Runs `deno task`, as a person does who stands in its folder or in one below. */
  task(args: string[], { folder = ".", env = {} }: TaskOptions = {}): Promise<Outcome> {
    return outcomeOf(
      spawnProgram(Deno.execPath(), ["task", "-q", ...args], env, this.join(folder)),
    );
  }

  /** The path of something in it. */
  join(name: string): string {
    return join(this.path, name);
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }

  #copy(part: string, mtime: number): void {
    const from = join(ROOT, part);
    if (Deno.statSync(from).isDirectory) {
      for (const { name } of Deno.readDirSync(from)) this.#copy(join(part, name), mtime);
      return;
    }
    Deno.mkdirSync(dirname(this.join(part)), { recursive: true });
    Deno.copyFileSync(from, this.join(part));
    Deno.utimeSync(this.join(part), mtime, mtime);
  }
}
