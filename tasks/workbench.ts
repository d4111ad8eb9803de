// deno task workbench: runs the job on every change, and shows its data, query and artifacts on a page.

import { isFile } from "../src/files.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { DUMMY_SCRIPT } from "./lib/data/dummy_data.ts";
import { ToolError } from "./lib/errors.ts";
import { wholeNumber } from "./lib/options.ts";
import { personPath } from "./lib/person_path.ts";
import { DUMMY_DATA, INPUT, OUTPUT } from "./lib/project.ts";
import { openWorkbench } from "./lib/workbench/server/workbench.ts";

await runTask(async () => {
  const command = withEntry(
    task("workbench", "Run the job on every change, and show data, query and artifacts on a page"),
  )
    .option("--port <number>", "the port; 0 picks a free one", wholeNumber({ max: 65535 }), 0)
    .option("--no-browser", "print the page's address, and don't open it");
  const { entry, port, browser } = (await command.parseAsync()).opts();
  if (!isFile(entry)) throw new ToolError(`--entry ${entry} doesn't exist; expected a job's file`);
  await using workbench = await openWorkbench({
    entry,
    port,
    script: DUMMY_SCRIPT,
    input: personPath(Deno.env.get("INPUT_PATH") || INPUT),
    output: personPath(Deno.env.get("OUTPUT_PATH") || OUTPUT),
  });
  print(workbench.url);
  note(`It runs the job whenever that or ${DUMMY_DATA} changes. Stop with Ctrl-C.`);
  if (browser) workbench.open();
  await new Promise<void>((stop) => {
    Deno.addSignalListener("SIGINT", stop);
    Deno.addSignalListener("SIGTERM", stop);
  });
});
