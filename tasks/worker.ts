// deno task worker: runs a job from its source as the Compute Engine would run its binary.

import { runTask, task } from "./lib/cli.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { personPath } from "./lib/person_path.ts";
import { runWorker } from "./lib/process/worker.ts";

await runTask(async () => {
  const command = withEntry(
    task("worker", "Run the job as the Compute Engine would, from its source"),
  ).addHelpText("after", "\nThe parameters are environment variables; the README lists them.");
  const { entry } = (await command.parseAsync()).opts();
  return (await runWorker(entry, { env: mounts() })).code;
});

/** The mounts that are named, as the person named them from their folder. */
function mounts(): Record<string, string> {
  return Object.fromEntries(
    ["INPUT_PATH", "OUTPUT_PATH"].flatMap((name) => {
      const path = Deno.env.get(name);
      return path ? [[name, personPath(path)]] : [];
    }),
  );
}
