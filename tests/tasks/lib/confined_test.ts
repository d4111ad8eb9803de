import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { KilledError, runConfined } from "../../../tasks/lib/confined.ts";
import { TemporaryFolder } from "../../../tasks/lib/temporary_folder.ts";

const MODULE = fileURLToPath(new URL("../../support/confined_task.ts", import.meta.url));

/** Gives an order to a confined module. */
function order(what: unknown, { seconds = 30 } = {}): Promise<unknown> {
  return runConfined(MODULE, what, { seconds, megabytes: 64 });
}

Deno.test("a confined module answers what it is given", async () => {
  const given = { text: "Zoë", list: [1, null] };
  assert.deepEqual(await order(given), given);
});

Deno.test("a confined module has no permission", async () => {
  const states = await order("permissions") as string[];
  assert.equal(states.length, 7);
  assert.ok(!states.includes("granted"), states.join());
});

Deno.test("a confined module is killed when its time is over", async () => {
  await assert.rejects(order("hang", { seconds: 1 }), (error: Error) => {
    assert.ok(error instanceof KilledError);
    assert.match(error.message, /takes more than 1 s/);
    return true;
  });
});

for (
  const [what, message] of [
    ["memory", /too much memory/],
    ["flood", /more than 67108864 bytes/],
  ] as const
) {
  Deno.test(`a confined module is ended when it takes too much: ${what}`, async () => {
    await assert.rejects(order(what), (error: Error) => {
      assert.ok(error instanceof KilledError);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("a module whose libraries aren't those of its lock file isn't started", async () => {
  using folder = new TemporaryFolder({ prefix: "confined-test-" });
  const lock = folder.join("deno.lock");
  Deno.writeTextFileSync(lock, '{ "version": "5" }');
  const rows = fileURLToPath(import.meta.resolve("../../../tasks/lib/rows/rows_process.ts"));
  await assert.rejects(
    runConfined(rows, {}, { seconds: 5, megabytes: 64, lock }),
    /Can't start .*rows_process\.ts: The lockfile is out of date/,
  );
});
