// deno task notices: writes the licences of what is bundled.

import { join } from "node:path";
import { note, runTask, task } from "./lib/cli.ts";
import { makeNotices, NOTICES_NAME } from "./lib/licences/notices.ts";
import { ROOT } from "./lib/project.ts";

await runTask(async () => {
  await task("notices", `Write ${NOTICES_NAME}, the licences of what is bundled`).parseAsync();
  const text = await makeNotices();
  Deno.writeTextFileSync(join(ROOT, NOTICES_NAME), text);
  note(`Written to ${NOTICES_NAME}`);
});
