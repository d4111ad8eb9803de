// deno task add: adds an npm library that jobs can import.

import { addLibrary } from "./lib/libraries/add.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { npmLibrary } from "./lib/options.ts";

await runTask(async () => {
  const command = task("add", "Add an npm library that jobs can import")
    .argument("<library>", "like npm:papaparse, or npm:papaparse@5.5.3", npmLibrary)
    .addHelpText("after", "\nIt goes to import_map.json, and its checksum to deno.lock.");
  const [library] = (await command.parseAsync()).processedArgs;
  const { name, version, integrity } = await addLibrary(library);
  print(`${name}@${version}  ${integrity}`);
  note("Written to import_map.json and deno.lock; commit both. In a job:");
  note(`  import ... from "${name}";`);
});
