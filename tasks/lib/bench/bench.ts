/**
 * Runs cases, one after another; those whose requirements this machine lacks are skipped.
 *
 * @module
 */

import { formatBytes } from "../../../src/format_bytes.ts";
import { freeBytes } from "../../../src/free_bytes.ts";
import { ToolError } from "../errors.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Case, Row } from "./case.ts";
import { killRunning } from "./measure.ts";
import { whatIsMissing } from "./needs.ts";
import type { Unmeasured } from "./report.ts";
import { Workshop } from "./workshop.ts";

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
   * The folder in which a temporary folder is made.
   *
   * @default the system's folder for temporary files
   */
  folder?: string;
  /**
   * The image's base: a file, or a name with a digest.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /** Called before every run of a case. */
  onRun(name: string, done: number, total: number): void;
  /** Called when a case is skipped or has failed. */
  onUnmeasured(unmeasured: Unmeasured): void;
}

/** The results of all cases. */
export interface Measured {
  /** The table's lines. */
  rows: Row[];
  /** Cases whose requirements this machine lacks. */
  skipped: Unmeasured[];
  /** Cases in which a command failed. */
  failed: Unmeasured[];
}

/**
 * Runs cases and collects their rows. Big files are in a temporary folder, which is removed at the end
 * and when the process is stopped.
 *
 * @throws {ToolError} This machine can't run the binary, or the folder can't be used.
 */
export async function bench(options: BenchOptions): Promise<Measured> {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") {
    throw new ToolError("The binary is for Linux on amd64 and can only be measured there");
  }
  // Listens before the folder does: nothing may write there any more when it is removed.
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, killRunning);
  }
  using folder = new TemporaryFolder({ prefix: "bench-", dir: options.folder });
  const workshop = new Workshop(folder.path, { base: options.base });
  const measured: Measured = { rows: [], skipped: [], failed: [] };
  for (const one of options.cases) {
    const { name } = one;
    const missing = await whatIsMissing(one.needs, workshop) ?? whatRoomIsMissing(one, folder.path);
    if (missing !== undefined) {
      measured.skipped.push({ name, reason: missing });
      options.onUnmeasured({ name, reason: missing });
      continue;
    }
    try {
      const onRun = (done: number, total: number) => options.onRun(name, done, total);
      const runs = options.runs ?? one.runs;
      measured.rows.push(...await one.measure({ workshop, runs, onRun }));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      measured.failed.push({ name, reason: error.message.split("\n")[0]! });
      options.onUnmeasured({ name, reason: error.message });
    }
  }
  return measured;
}

function whatRoomIsMissing({ bytes }: Case, folder: string): string | undefined {
  const free = freeBytes(folder);
  if (free === undefined || free >= bytes) return undefined;
  return `It needs ${formatBytes(bytes)} of disk, and ${formatBytes(free)} are free in ${folder}`;
}
