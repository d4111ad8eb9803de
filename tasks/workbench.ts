// deno task workbench: runs the job on every change, and shows its data, query and artifacts on a page.

import { runTask, task } from "./lib/cli.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { showWorkbench } from "./lib/cli/show_workbench.ts";
import { wholeNumber } from "./lib/options.ts";

await runTask(async () => {
  const command = withEntry(
    task("workbench", "Run the job on every change, and show data, query and artifacts on a page"),
  )
    .option("--port <number>", "the port; 0 picks a free one", wholeNumber({ max: 65535 }), 0)
    .option("--no-browser", "print the page's address, and don't open it");
  await showWorkbench((await command.parseAsync()).opts());
});
