/**
 * The files that cases work with, each made when it is first asked for.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { RESULTS_FILE } from "../../../src/results/results.ts";
import { compile } from "../binary/compile.ts";
import type { Command } from "../process/command.ts";
import { ROOT } from "../project.ts";
import { makeLarge, makeRows, makeSmall } from "./databases.ts";
import { run } from "./measure.ts";

/** Rows of {@linkcode Workshop.rowsDatabase}. */
export const ROWS = 2_000_000;

/** A gigabyte. */
export const GB = 1e9;

/** The files that all cases share. */
export class Workshop {
  /** The folder of all files. */
  readonly folder: string;
  /** The base of an image, if not the Dockerfile's. */
  readonly base?: string;
  readonly #made = new Map<string, Promise<string>>();

  /** Opens it in a folder, which the caller removes. */
  constructor(folder: string, { base }: { base?: string }) {
    this.folder = folder;
    this.base = base;
  }

  /** The path of something in the folder. */
  join(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** The compiled relay. */
  relay(): Promise<string> {
    return this.#binary("relay", join(ROOT, "main.ts"));
  }

  /** A compiled job of the benchmark's own, by its name in `jobs/`. */
  job(name: string): Promise<string> {
    return this.#binary(name, fileURLToPath(new URL(`./jobs/${name}.ts`, import.meta.url)));
  }

  /** A results database of ten rows, in an input mount of its own. */
  smallDatabase(): Promise<string> {
    return this.#once(join("small", RESULTS_FILE), makeSmall);
  }

  /** A results database of about `bytes` bytes, in an input mount of its own. */
  largeDatabase(bytes: number): Promise<string> {
    return this.#once(join(String(bytes), RESULTS_FILE), (path) => makeLarge(path, bytes));
  }

  /** A results database of {@linkcode ROWS} rows of five columns, in an input mount of its own. */
  rowsDatabase(): Promise<string> {
    return this.#once(join("rows", RESULTS_FILE), (path) => makeRows(path, ROWS));
  }

  /** The interpreter itself: `python3` may be a script that starts it, which takes time. */
  python(): Promise<string> {
    return this.#remember(
      "python3",
      () => run({ program: "python3", args: ["-c", "import sys; print(sys.executable)"] }),
    );
  }

  /** A command that runs one of the benchmark's own Python programs. */
  async pythonCommand(
    name: string,
    { args = [], env }: Pick<Command, "args" | "env">,
  ): Promise<Command> {
    const script = fileURLToPath(new URL(`./${name}.py`, import.meta.url));
    return { program: await this.python(), args: [script, ...args], env };
  }

  #binary(name: string, entry: string): Promise<string> {
    return this.#once(name, async (path) => void await compile({ entry, output: path }));
  }

  #once(name: string, make: (path: string) => void | Promise<void>): Promise<string> {
    return this.#remember(name, async () => {
      const path = this.join("made", name);
      Deno.mkdirSync(join(path, ".."), { recursive: true });
      await make(path);
      return path;
    });
  }

  #remember(key: string, make: () => Promise<string>): Promise<string> {
    const made = this.#made.get(key) ?? make();
    this.#made.set(key, made);
    return made;
  }
}
