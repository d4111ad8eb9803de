// deno task dev: runs a job on dummy data, as the compiled worker would run it, and shows its output.

import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { isFile } from "../src/files.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { seedIfOld } from "./lib/data/dummy_data.ts";
import { DUMMY_DATA, INPUT, OUTPUT, ROOT } from "./lib/project.ts";
import { showOutput } from "./lib/data/show_output.ts";
import { runWorker } from "./lib/worker.ts";

/** Editors write a file in several steps; wait for the last. */
const SETTLE_MS = 200;

await runTask(async () => {
  const command = task("dev", "Run the job on dummy data and show what it wrote")
    .option("--entry <file>", "the job to run", "main.ts")
    .option("--watch", `run again when the job or ${DUMMY_DATA} changes`);
  const { entry, watch } = (await command.parseAsync()).opts();
  if (!isFile(entry)) throw new ToolError(`--entry ${entry} doesn't exist; expected a job's file`);
  const input = resolve(Deno.env.get("INPUT_PATH") || INPUT);
  const output = resolve(Deno.env.get("OUTPUT_PATH") || OUTPUT);
  const run = (signal?: AbortSignal) => runOnce({ entry, input, output, signal });
  if (watch !== true) return await run();
  for (;;) {
    const changed = new AbortController();
    const change = waitForChange(await filesOf(entry));
    const running = run(changed.signal).catch((error) => note(`error: ${error.message}`));
    change.then(() => changed.abort());
    await running;
    note("Waiting for a change...");
    note(`${await change} changed`);
  }
});

interface Run {
  entry: string;
  input: string;
  output: string;
  /** Stops the worker. */
  signal?: AbortSignal;
}

async function runOnce({ entry, input, output, signal }: Run): Promise<number> {
  seedIfOld(input);
  const env = { DEV_MODE: "1", INPUT_PATH: input, OUTPUT_PATH: output };
  const { code, terminated } = await runWorker(entry, { env, signal });
  // The whole task, and not only this run: --watch would go on to wait for a change.
  if (terminated) Deno.exit(code);
  if (code === 0) {
    print();
    showOutput(output);
  }
  return code;
}

/** The local files that a job is made of, and the script of its data. */
async function filesOf(entry: string): Promise<Set<string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", `--config=${join(ROOT, "deno.json")}`, resolve(entry)],
    stderr: "null",
  }).output();
  const files = new Set([resolve(entry), join(ROOT, DUMMY_DATA)]);
  try {
    const { modules } = JSON.parse(new TextDecoder().decode(stdout));
    for (const { specifier } of modules as { specifier: string }[]) {
      if (specifier.startsWith("file:")) files.add(fileURLToPath(specifier));
    }
  } catch {
    // An entry that doesn't parse: watch it alone, until it does.
  }
  return files;
}

/** Waits until one of the files changes, and returns its path. */
async function waitForChange(files: Set<string>): Promise<string> {
  const folders = new Set([...files].map((file) => resolve(file, "..")));
  const watcher = Deno.watchFs([...folders], { recursive: false });
  for await (const { kind, paths } of watcher) {
    const path = paths.find((path) => files.has(path));
    if (kind === "access" || path === undefined) continue;
    await new Promise((done) => setTimeout(done, SETTLE_MS));
    return path;
  }
  throw new ToolError("The files can't be watched any more");
}
