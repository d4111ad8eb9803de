/**
 * Runs cases, one after another, each if this machine has what it needs.
 *
 * @module
 */

import { formatBytes } from "../../../src/format_bytes.ts";
import { freeBytes } from "../../../src/files.ts";
import { note } from "../cli.ts";
import { ToolError } from "../errors.ts";
import { ProgressBar } from "../progress_bar.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Case, Row } from "./cases.ts";
import { killRunning } from "./measure.ts";
import { whatIsMissing } from "./needs.ts";
import type { Unmeasured } from "./report.ts";
import { Workshop } from "./workshop.ts";

/** Milliseconds between lines about one case, where there is no terminal for a bar. */
const LINE_MS = 10_000;

/** Options of {@linkcode bench}. */
export interface BenchOptions {
  /** The cases. */
  cases: readonly Case[];
  /**
   * How many runs each side gets.
   *
   * @default what each case says
   */
  runs?: number;
  /**
   * Where a temporary folder is made.
   *
   * @default the system's place for such
   */
  folder?: string;
  /**
   * The image's base: a file, or a name with a digest.
   *
   * @default the Dockerfile's
   */
  base?: string;
}

/** What came of it. */
export interface Measured {
  /** The table's lines. */
  rows: Row[];
  /** Cases that this machine lacks something for. */
  skipped: Unmeasured[];
  /** Cases in which a command failed. */
  failed: Unmeasured[];
}

/**
 * Runs cases and collects their rows. Big files are in a temporary folder, which is gone at the end, and
 * when the process is stopped.
 *
 * @throws {ToolError} This machine can't run the binary, or the folder can't be used.
 */
export async function bench({ cases, runs, folder: dir, base }: BenchOptions): Promise<Measured> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new ToolError("The binary is for Linux on amd64, so only there it can be measured");
  }
  // Listens before the folder does, so that nothing writes there any more when it is removed.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, killRunning);
  }
  using folder = openFolder(dir);
  const workshop = new Workshop(folder.path, { base });
  const measured: Measured = { rows: [], skipped: [], failed: [] };
  for (const one of cases) {
    const { name } = one;
    const missing = await whatIsMissing(one.needs, workshop) ?? whatRoomIsMissing(one, folder.path);
    if (missing !== undefined) {
      note(`${name}: skipped. ${missing}`);
      measured.skipped.push({ name, reason: missing });
      continue;
    }
    using progress = new CaseProgress(name);
    try {
      const onRun = (done: number, total: number) => progress.update(done, total);
      measured.rows.push(...await one.measure({ workshop, runs: runs ?? one.runs, onRun }));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      note(`${name}: ${error.message}`);
      measured.failed.push({ name, reason: error.message.split("\n")[0]! });
    }
  }
  return measured;
}

function openFolder(dir: string | undefined): TemporaryFolder {
  try {
    return new TemporaryFolder({ prefix: "bench-", dir });
  } catch (error) {
    throw new ToolError(`--folder ${dir} can't be used: ${(error as Error).message}`);
  }
}

function whatRoomIsMissing({ bytes }: Case, folder: string): string | undefined {
  const free = freeBytes(folder);
  if (free === undefined || free >= bytes) return undefined;
  return `It takes ${formatBytes(bytes)} of disk, and ${
    formatBytes(free)
  } are free; name a folder ` +
    "with more room by --folder";
}

/** Says how far a case is: as a bar on a terminal, otherwise in a line now and then. */
class CaseProgress implements Disposable {
  readonly #name: string;
  readonly #bar: ProgressBar;
  #said = -Infinity;

  constructor(name: string) {
    this.#name = name;
    this.#bar = new ProgressBar(`${name}, runs`, String);
  }

  update(done: number, total: number): void {
    if (Deno.stderr.isTerminal()) return this.#bar.update(done, total);
    if (performance.now() - this.#said < LINE_MS) return;
    this.#said = performance.now();
    note(`${this.#name}: ${done} of ${total} runs`);
  }

  [Symbol.dispose](): void {
    this.#bar[Symbol.dispose]();
  }
}
