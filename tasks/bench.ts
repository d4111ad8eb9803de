// deno task bench: measures the compiled relay side by side with what a user would use instead.

import { Option } from "@commander-js/extra-typings";
import { messageOf } from "../src/errors.ts";
import { bench } from "./lib/bench/bench.ts";
import { CASES } from "./lib/bench/cases.ts";
import { formatReport } from "./lib/bench/report.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { wholeNumber } from "./lib/options.ts";
import { fileOrName, personPath } from "./lib/person_path.ts";
import { ProgressBar } from "./lib/screen/progress_bar.ts";

await runTask(async () => {
  const command = task("bench", "Measure the compiled relay side by side with what it replaces")
    .option("--output <file>", "write the table to a Markdown file, too")
    .option(
      "--runs <number>",
      "runs of each side, instead of the case's own number",
      wholeNumber({ min: 1 }),
    )
    .addOption(
      new Option("--only <case...>", "measure only these cases")
        .choices(CASES.map(({ name }) => name)),
    )
    .option("--folder <dir>", "where big files are put for the time (default: the system's)")
    .option(
      "--base <image>",
      "another base than the Dockerfile's: NAME@sha256:HEX, or an image's tar",
      fileOrName,
    );
  const { output, only, runs, folder, base } = (await command.parseAsync()).opts();
  let bar: { name: string; progress: ProgressBar } | undefined;
  const endBar = () => {
    bar?.progress[Symbol.dispose]();
    bar = undefined;
  };
  const { rows, skipped, failed } = await bench({
    cases: CASES.filter(({ name }) => only === undefined || only.includes(name)),
    runs,
    folder: folder === undefined ? undefined : personPath(folder),
    base,
    onRun(name, done, total) {
      if (bar?.name !== name) {
        endBar();
        bar = { name, progress: new ProgressBar(`${name}, runs`, String) };
      }
      bar.progress.update(done, total);
    },
    onUnmeasured({ name, reason }) {
      endBar();
      note(`${name} wasn't measured: ${reason}`);
    },
  });
  endBar();
  const report = formatReport(rows, [...skipped, ...failed]);
  print(report.trimEnd());
  if (output !== undefined) write(personPath(output), report);
  return failed.length === 0 ? 0 : 1;
});

function write(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw new ToolError(`Can't write ${path}: ${messageOf(error)}`);
  }
}
