import assert from "node:assert/strict";
import { type Bounds, runBounded } from "../../../../tasks/lib/process/bounded_command.ts";

/** Runs JavaScript in a process of its own. */
async function run(script: string, bounds: Partial<Bounds> = {}) {
  return await runBounded(
    { program: Deno.execPath(), args: ["eval", "--no-lock", script] },
    { timeMs: 20_000, outputBytes: 1 << 16, memoryBytes: 1 << 30, ...bounds },
  );
}

Deno.test("a program that ends in time is left alone", async () => {
  const outcome = await run('console.log("out"); console.error("err")');
  assert.deepEqual(outcome, { stdout: "out\n", stderr: "err\n" });
});

Deno.test("a program that takes too long is ended, whatever signals it ignores", async () => {
  const script = 'Deno.addSignalListener("SIGTERM", () => {}); console.log("on"); for (;;);';
  const { stdout, exceeded } = await run(script, { timeMs: 2000 });
  assert.equal(stdout, "on\n");
  assert.equal(exceeded, "more than 2 s");
});

for (const stream of ["log", "error"]) {
  Deno.test(`a program that prints without end by console.${stream} is ended`, async () => {
    const script = `const line = "x".repeat(1 << 20); for (;;) console.${stream}(line);`;
    const { stdout, stderr, exceeded } = await run(script);
    assert.equal(exceeded, "more than 64 KiB of output");
    assert.ok(stdout.length + stderr.length <= 1 << 16);
  });
}

Deno.test({
  name: "a program that takes too much memory is ended",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const script = "const all = []; for (;;) all.push(new Uint8Array(1 << 26).fill(7));";
    const { exceeded } = await run(script, { memoryBytes: 1 << 29 });
    assert.equal(exceeded, "more than 512 MiB of memory");
  },
});
