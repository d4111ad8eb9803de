// deno task worker: runs a job from its source as the Compute Engine would run its binary.

import { runTask, task } from "./lib/cli.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { runWorker } from "./lib/worker.ts";

await runTask(async () => {
  const command = withEntry(
    task("worker", "Run the job as the Compute Engine would, from its source"),
  ).addHelpText("after", "\nThe parameters are environment variables; the README lists them.");
  const { entry } = (await command.parseAsync()).opts();
  return (await runWorker(entry)).code;
});
