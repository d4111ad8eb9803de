// deno task check: checks format, lint, types and docs. It imports no library, as it runs before it is
// known that all are there.

import { OWN_LOCK_CONFIG, roomsWithLock } from "./lib/libraries/own_locks.ts";

async function run(args: string[]): Promise<void> {
  const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  if (code !== 0) Deno.exit(code);
}

const rooms = roomsWithLock();
await run(["fmt", "--check"]);
await run(["lint"]);
await run(["check", "--lock=deno.lock", "--frozen", ".", ...rooms.map((room) => `!${room}`)]);
for (const room of rooms) {
  await run(["check", `--config=${OWN_LOCK_CONFIG}`, `--lock=${room}/deno.lock`, "--frozen", room]);
}
await run(["doc", "--lint", "mod.ts", "query_engine.ts", "testing.ts"]);
