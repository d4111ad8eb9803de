import assert from "node:assert/strict";
import { join } from "node:path";
import { formatReport } from "../../tasks/lib/bench/report.ts";
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
    // The peer imports requests, and uses it in production only: an empty module will do.
    Deno.writeTextFileSync(folder.join("requests.py"), "");
    const env = { ...runtimeEnv(), PYTHONPATH: folder.path };
    const args = ["--only", "dev-small", "--runs", "1", "--output", output, "--folder", place];
    const { code, stdout, stderr } = await runTask("bench", args, env);
    assert.equal(code, 0, stderr);
    const table = Deno.readTextFileSync(output);
    assert.equal(stdout, table);
    const [row, ...others] = table.split("\n").filter((line) => line.startsWith("| dev relay"));
    assert.deepEqual(others, []);
    const [, what, peer, ours, theirs, ratio, bar, met] = row!.split("|").map((cell) =>
      cell.trim()
    );
    assert.equal(what, "dev relay of ten rows, start to exit");
    assert.equal(peer, "Python worker");
    const [our, their] = [ours, theirs].map((cell) => Number(/^(\d+) ms$/.exec(cell!)?.[1]));
    assert.ok(our! > 0 && their! > 0, row);
    assert.ok(Math.abs(Number(ratio) - our! / their!) < 0.1, row);
    assert.equal(bar, "<= 0.30");
    assert.equal(met, Number(ratio) <= 0.3 ? "yes" : "no");
    assert.deepEqual(namesIn(place), []);
  },
});

Deno.test("a figure over its bar isn't met", () => {
  const figure = (median: number) => ({ median, least: median, most: median });
  const row = { what: "a", unit: "s", ours: figure(2) } as const;
  const peer = { name: "b", summary: figure(4) };
  const lines = formatReport([
    { ...row, peer, bar: { of: "ratio", atMost: 0.5 } },
    { ...row, peer, bar: { of: "ratio", atMost: 0.49 } },
    { ...row, bar: { of: "most", atMost: 1.9 } },
  ], []).split("\n").filter((line) => line.startsWith("| a "));
  assert.deepEqual(lines.map((line) => line.split("|").at(-2)!.trim()), ["yes", "no", "no"]);
});

Deno.test("bench names its cases when one isn't there", async () => {
  const { code, stderr } = await runTask("bench", ["--only", "nothing"]);
  assert.equal(code, 1);
  assert.match(stderr, /dev-small, dev-1gb, .*archive-size/);
});

Deno.test("bench --runs refuses what isn't a number above 0", async () => {
  const { code, stderr } = await runTask("bench", ["--runs", "0"]);
  assert.equal(code, 1);
  assert.match(stderr, /expected a whole number of at least 1/);
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

Deno.test({
  name: "soak counts runs, and finds nothing wrong in a few seconds",
  ignore: !canCompile,
  async fn() {
    const args = ["--minutes", "0.05", "--parallel", "2"];
    const { code, stdout, stderr } = await runTask("soak", args, runtimeEnv());
    assert.equal(code, 0, stdout + stderr);
    assert.match(stdout, /^runs +[1-9]\d*\nby exit code +\d+: \d+/);
    assert.match(stdout, /^peak memory +[\d.]+ MiB$/m);
  },
});
