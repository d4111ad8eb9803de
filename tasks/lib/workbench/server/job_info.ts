/**
 * What the job is and may do.
 *
 * @module
 */

import { dirname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { JobNetwork } from "../../../../src/job/define_job.ts";
import { describeNetwork, parseDescription } from "../../../../src/job/description.ts";
import { runDeno } from "../../process/deno.ts";
import { shortPath } from "../../person_path.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../../project.ts";
import type { JobInfo } from "../wire.ts";

const PROGRAM = fileURLToPath(new URL("./describe_source.ts", import.meta.url));
const PATIENCE_MS = 20_000;

/** Loads a job in an isolate without rights, and asks what it is; a job that can't be loaded has no name. */
export async function readJobInfo(entry: string, signal: AbortSignal): Promise<JobInfo> {
  const mark = crypto.randomUUID();
  const { stdout } = await runDeno(
    ["run", "-q", "--no-prompt", `--allow-read=${ROOT},${dirname(entry)}`, ...DENO_PROJECT_ARGS]
      .concat([PROGRAM, pathToFileURL(entry).href, pathToFileURL(`${ROOT}/`).href, mark]),
    { cwd: ROOT, signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) },
  );
  const line = stdout.split("\n").find((line) => line.startsWith(mark));
  try {
    const { description } = JSON.parse(line!.slice(mark.length));
    const { name, network, stock } = parseDescription(description);
    return { entry: shortPath(entry), name, rights: stock ? STOCK : rightsOf(network) };
  } catch {
    return { entry: shortPath(entry), rights: [] };
  }
}

const STOCK = [
  "This is the stock relay: the host copies the query's result and runs no other code",
];

function rightsOf(network: JobNetwork): string[] {
  const hosts = describeNetwork(network);
  return [
    "Reads only its results",
    "Writes only its artifacts",
    network.length === 0 ? "Has no network" : `Connects to ${hosts === "all" ? "any host" : hosts}`,
    "Can't read environment variables or start programs",
  ];
}
