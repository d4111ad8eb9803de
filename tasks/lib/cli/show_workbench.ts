/**
 * Runs the workbench for a person at a terminal.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { RESULTS_FILE } from "../../../src/results/results.ts";
import { note, print } from "../cli.ts";
import { DUMMY_SCRIPT } from "../data/dummy_data.ts";
import { ToolError } from "../errors.ts";
import { scriptOf } from "../data/provenance.ts";
import { personPath, shortPath } from "../person_path.ts";
import { INPUT, OUTPUT } from "../project.ts";
import { openWorkbench, type Quotes } from "../workbench/server/workbench.ts";

/** Options of {@linkcode showWorkbench}. */
export interface ShowWorkbenchOptions {
  /** The job's module, absolute. */
  entry: string;
  /** The port; 0 picks a free one. */
  port: number;
  /** Whether the page is opened in a browser. */
  browser: boolean;
  /**
   * What finds out what a query costs.
   *
   * @default nothing does
   */
  quotes?: Quotes;
}

/** Opens a workbench, and returns when the person stops it. */
export async function showWorkbench(
  { entry, port, browser, quotes }: ShowWorkbenchOptions,
): Promise<void> {
  if (!isFile(entry)) throw new ToolError(`--entry ${entry} doesn't exist; expected a job's file`);
  const stopped = new Promise<void>((stop) => {
    for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const) {
      Deno.addSignalListener(signal, stop);
    }
  });
  const input = personPath(Deno.env.get("INPUT_PATH") || INPUT);
  const database = join(input, RESULTS_FILE);
  // What `seed --from` made is made again from that script.
  const seeded = isFile(database) ? scriptOf(database)?.script : undefined;
  const script = seeded !== undefined && isFile(seeded) ? seeded : DUMMY_SCRIPT;
  await using workbench = await openWorkbench({
    entry,
    port,
    script,
    input,
    quotes,
    onBundle: () => note("Bundling the page; the first time, its libraries are downloaded..."),
    output: personPath(Deno.env.get("OUTPUT_PATH") || OUTPUT),
  });
  print(workbench.url);
  note(`The job runs whenever it or ${shortPath(script)} changes. Stop with Ctrl-C.`);
  if (browser) workbench.open();
  await stopped;
}
