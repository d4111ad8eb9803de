// deno task dev: type-checks a job, runs it on dummy data as the compiled worker would run it, and shows
// its output.

import { isFile } from "../src/files.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { DUMMY_SCRIPT, prepareDummyData } from "./lib/data/dummy_data.ts";
import { DUMMY_DATA, INPUT, MAIN, OUTPUT } from "./lib/project.ts";
import { describeOutput, snapshotOutput } from "./lib/data/describe_output.ts";
import { personPath, shortPath } from "./lib/person_path.ts";
import { screenOf } from "./lib/screen/screen.ts";
import { readModules } from "./lib/source/modules.ts";
import { waitForChange } from "./lib/source/changes.ts";
import { checkTypes } from "./lib/source/types.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { runWorker } from "./lib/process/worker.ts";

/** So long the types are checked without a word. */
const SILENCE_MS = 300;

await runTask(async () => {
  const command = withEntry(task("dev", "Run the job on dummy data and show what it wrote"))
    .option("--watch", `run again when the job or ${DUMMY_DATA} changes`)
    .option("--open", "show data, query and artifacts on a page, as `deno task workbench` does");
  const { entry, watch, open } = (await command.parseAsync()).opts();
  if (open === true) {
    // The page and its server are no part of a plain run.
    const { showWorkbench } = await import("./lib/cli/show_workbench.ts");
    return await showWorkbench({ entry, port: 0, browser: true });
  }
  if (!isFile(entry)) throw new ToolError(`--entry ${entry} doesn't exist; expected a job's file`);
  const input = personPath(Deno.env.get("INPUT_PATH") || INPUT);
  const output = personPath(Deno.env.get("OUTPUT_PATH") || OUTPUT);
  const run = { entry, input, output };
  if (watch !== true) {
    const code = await runOnce({ ...run, ...await readModules(entry) });
    if (code === 0) note(`\n${nextStep(entry)}`);
    return code;
  }
  for (;;) {
    const changed = new AbortController();
    const { signal } = changed;
    const { files, errors } = await readModules(entry).catch((error: Error) => ({
      files: [],
      errors: [error.message],
    }));
    const change = waitForChange(new Set([entry, DUMMY_SCRIPT, ...files]));
    const running = runOnce({ ...run, errors, signal })
      .catch((error) => note(`error: ${error.message}`));
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
  /** Why the job can't be run. */
  errors: string[];
  /** Stops the worker. */
  signal?: AbortSignal;
}

/**
 * Runs the job while its types are checked, which takes longer. It can't succeed if the check fails, but
 * what it wrote is shown all the same: it may show the author what is wrong.
 */
async function runOnce({ entry, input, output, errors, signal }: Run): Promise<number> {
  if (errors.length > 0) throw new ToolError(errors.join("\n\n"));
  const ended = new AbortController();
  const check = checkTypes(
    entry,
    signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]),
  );
  check.catch(() => {});
  using data = prepareDummyData(input);
  print(data.description);
  const before = snapshotOutput(output);
  const env = { DEV_MODE: "1", INPUT_PATH: data.input, OUTPUT_PATH: output };
  const { code, terminated } = await runWorker(entry, { env, signal });
  // The whole task, and not only this run: --watch would go on to wait for a change.
  if (terminated) {
    ended.abort();
    data[Symbol.dispose]();
    Deno.exit(code);
  }
  if (code === 0) {
    print();
    print(describeOutput(output, { before, ...screenOf(Deno.stdout) }));
  }
  const late = code === 0 ? setTimeout(() => note("Checking types..."), SILENCE_MS) : undefined;
  await check.finally(() => clearTimeout(late));
  return code;
}

function nextStep(entry: string): string {
  const option = entry === MAIN ? "" : ` --entry ${shortPath(entry)}`;
  return `Next: try it with a signed query (\`deno task engine\`), or pack it: deno task export${option}`;
}
