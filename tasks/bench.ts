// deno task bench: measures the compiled relay side by side with what a user would use instead.

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { messageOf } from "../src/errors.ts";
import { bench } from "./lib/bench/bench.ts";
import { CASES } from "./lib/bench/cases.ts";
import { formatReport } from "./lib/bench/report.ts";
import { print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";

await runTask(async () => {
  const command = task("bench", "Measure the compiled relay side by side with what it replaces")
    .option("--output <file>", "write the table to a Markdown file, too")
    .option("--runs <number>", "runs of each side, instead of the case's own number", readCount)
    .addOption(
      new Option("--only <case...>", "measure just these cases")
        .choices(CASES.map(({ name }) => name)),
    )
    .option("--folder <dir>", "where big files are put for the time (default: the system's)")
    .option(
      "--base <image>",
      "another base than the Dockerfile's: NAME@sha256:HEX, or an image's tar",
    );
  const { output, only, ...options } = (await command.parseAsync()).opts();
  const cases = CASES.filter(({ name }) => only === undefined || only.includes(name));
  const { rows, skipped, failed } = await bench({ cases, ...options });
  const report = formatReport(rows, [...skipped, ...failed]);
  print(report.trimEnd());
  if (output !== undefined) write(output, report);
  return failed.length === 0 ? 0 : 1;
});

function write(path: string, text: string): void {
  try {
    Deno.writeTextFileSync(path, text);
  } catch (error) {
    throw new ToolError(`Can't write ${path}: ${messageOf(error)}`);
  }
}

function readCount(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a whole number above 0");
}
