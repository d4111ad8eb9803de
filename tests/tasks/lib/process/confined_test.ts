import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { KilledError, runConfined } from "../../../../tasks/lib/process/confined.ts";
import { DENO_PROJECT_ARGS } from "../../../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { outcomeOf, spawnDeno } from "../../../support/run.ts";

const MODULE = fileURLToPath(new URL("../../../support/confined_task.ts", import.meta.url));

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
  const rows = fileURLToPath(import.meta.resolve("../../../../tasks/lib/rows/rows_process.ts"));
  await assert.rejects(
    runConfined(rows, {}, { seconds: 5, megabytes: 64, lock }),
    /Can't start .*rows_process\.ts: The lockfile is out of date/,
  );
});

/** The processes that a process has started, on Linux. */
function childrenOf(pid: number): number[] {
  const listed = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`);
  return listed.split(" ").filter((text) => text !== "").map(Number);
}

/** Whether a process still runs. */
function runs(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

/** Waits until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 50) {
    assert.ok(waited < 20_000, "it takes too long");
    await new Promise((done) => setTimeout(done, 50));
  }
}

Deno.test("a signal that ends the task ends its confined module", async () => {
  const parent = spawnDeno(["run", "-A", ...DENO_PROJECT_ARGS, "tests/support/confined_parent.ts"]);
  const ended = outcomeOf(parent);
  let children: number[] = [];
  await until(() => (children = childrenOf(parent.pid)).length > 0);
  parent.kill("SIGTERM");
  assert.equal((await ended).code, 143);
  await until(() => !children.some(runs));
});
