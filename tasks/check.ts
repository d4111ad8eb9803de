// deno task check: checks format, lint, types and docs. It imports no library, as it runs before it is
// known that all are there.

import { ownLocks } from "./lib/libraries/own_locks.ts";

async function run(args: string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

const own = ownLocks();
await run(["fmt", "--check"]);
await run(["lint"]);
await run(["check", "--lock=deno.lock", "--frozen", ".", ...own.map(({ folder }) => `!${folder}`)]);
for (const { folder, lock, config } of own) {
  await run(["check", `--config=${config}`, `--lock=${lock}`, "--frozen", folder]);
}
await run(["doc", "--lint", "mod.ts", "query_engine.ts", "testing.ts"]);
