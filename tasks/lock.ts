// deno task lock: writes the checksums of the libraries in import_map.json to deno.lock.

import { runTask, task } from "./lib/cli.ts";
import { lockLibraries, lockRooms } from "./lib/libraries/lock.ts";

await runTask(async () => {
  await task("lock", "Write deno.lock after a change of import_map.json").parseAsync();
  await lockLibraries();
  await lockRooms();
});
