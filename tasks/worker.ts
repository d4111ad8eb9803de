// deno task worker: runs a job from its source as the Compute Engine would run its binary.

import { runTask, task } from "./lib/cli.ts";
import { runWorker } from "./lib/worker.ts";

await runTask(async () => {
  const command = task("worker", "Run the job as the Compute Engine would, from its source")
    .option("--entry <file>", "the job to run", "main.ts")
    .addHelpText("after", "\nThe parameters are environment variables; the README lists them.");
  const { entry } = (await command.parseAsync()).opts();
  return (await runWorker(entry)).code;
});
