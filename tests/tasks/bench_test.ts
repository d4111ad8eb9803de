import assert from "node:assert/strict";
import { join } from "node:path";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canCompile, hasProgram, runtimeEnv } from "../support/artifacts.ts";
import { namesIn } from "../support/mounts.ts";
import { runTask } from "../support/run.ts";

Deno.test({
  name: "bench --only dev-small measures both sides, writes the table and leaves nothing behind",
  ignore: !canCompile || !hasProgram("python3"),
  async fn() {
    using folder = new TemporaryFolder({ prefix: "bench-test-" });
    const output = folder.join("bench.md");
    const place = folder.join("place");
    Deno.mkdirSync(place);
    const args = ["--only", "dev-small", "--runs", "1", "--output", output, "--folder", place];
    const { code, stdout, stderr } = await runTask("bench", args, runtimeEnv());
    assert.equal(code, 0, stderr);
    const table = Deno.readTextFileSync(output);
    assert.equal(stdout, table);
    // Where Python has no requests, a line says so instead.
    assert.match(
      table,
      /^\| dev relay of ten rows.*\| Python worker.* ms .* ms .*<= 0\.30|pip install requests/m,
    );
    assert.deepEqual(namesIn(place), []);
  },
});

Deno.test("bench names its cases when one isn't there", async () => {
  const { code, stderr } = await runTask("bench", ["--only", "nothing"]);
  assert.equal(code, 1);
  assert.match(stderr, /dev-small, dev-1gb, .*container-start/);
});

Deno.test({
  name: "bench skips a case that lacks a program, and says what to install",
  ignore: !canCompile,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "bench-test-" });
    const env = { PATH: join(folder.path, "empty") };
    const { code, stdout, stderr } = await runTask("bench", ["--only", "production-curl"], env);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^- not measured: production-curl\. curl isn't installed \(.*curl\)$/m);
  },
});
