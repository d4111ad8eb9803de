// deno task release: records the host of this checkout's version.

import { note, print, runTask, task } from "./lib/cli.ts";
import { recordHost } from "./lib/release/record_host.ts";
import { RELEASES_NAME } from "./lib/release/releases.ts";

await runTask(async () => {
  await task("release", "Record the SHA-256 of this version's host in releases.json").parseAsync();
  const { version, deno, host, changed } = await recordHost();
  print(`${version}  Deno ${deno}  host.js ${host}`);
  note(changed ? `Written to ${RELEASES_NAME}` : `${RELEASES_NAME} has it already`);
});
