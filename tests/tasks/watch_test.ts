import assert from "node:assert/strict";
import { join } from "node:path";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../support/mounts.ts";
import { spawnTask } from "../support/run.ts";

Deno.test("dev --watch runs a changed job again", async () => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  const entry = join(mounts.root, "job.ts");
  const artifact = join(mounts.output, "word.txt");
  const write = (word: string) =>
    Deno.writeTextFileSync(
      entry,
      `export default { name: "word", process: ({ artifacts }) => artifacts.writeText("word.txt", "${word}") };`,
    );
  const until = async (word: string) => {
    for (let tries = 0; tries < 300; tries++) {
      const text = await Deno.readTextFile(artifact).catch(() => "");
      if (text === word) return true;
      await new Promise((done) => setTimeout(done, 50));
    }
    return false;
  };
  write("first");
  const watching = spawnTask("dev", ["--watch", "--entry", entry], mounts.env);
  try {
    assert.ok(await until("first"));
    // The watch is set before the first run, so a change now is seen.
    write("second");
    assert.ok(await until("second"));
  } finally {
    watching.kill("SIGTERM");
    await watching.output();
  }
});
