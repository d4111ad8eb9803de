// deno task compile: makes one binary of a job.

import { formatBytes } from "../src/format_bytes.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { compile } from "./lib/binary/compile.ts";
import { describePermissions } from "./lib/binary/permissions.ts";
import { personPath, shortPath } from "./lib/person_path.ts";
import { describeEntry, withEntry } from "./lib/cli/entry_option.ts";
import { BINARY } from "./lib/project.ts";
import { withProgressBars } from "./lib/screen/progress_bars.ts";

await runTask(async () => {
  const command = withEntry(task("compile", "Make one linux/amd64 binary of the job"))
    .option("--output <file>", "the binary to make", personPath, BINARY);
  const options = (await command.parseAsync()).opts();
  const binary = await withProgressBars((onProgress) => compile({ ...options, onProgress }));
  if (binary.runtime !== undefined) {
    note(`Compiled on the runtime ${binary.runtime}, not on Deno's own download`);
  }
  print(shortPath(binary.path));
  print(`  job          ${describeEntry(options.entry, binary.job)}`);
  print(`  size         ${formatBytes(binary.size)} (${binary.size} bytes)`);
  print(`  SHA-256      ${binary.sha256}`);
  print(`  permissions  ${describePermissions(binary.permissions)}`);
  note(
    "\nNext: `deno task export` packs the archive to register, `deno task build` an image for Docker",
  );
});
