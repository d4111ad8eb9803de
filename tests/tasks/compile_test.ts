import assert from "node:assert/strict";
import { join } from "node:path";
import { readElfHeader } from "../../tasks/lib/binary/elf.ts";
import { exists } from "../../src/files.ts";
import { ROOT } from "../../tasks/lib/project.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canCompile, hasProgram, runtimeEnv, sharedBinary } from "../support/artifacts.ts";
import { Checkout } from "../support/checkout.ts";
import { makeDatabase, Mounts, sameBytes, SMALL_RESULTS } from "../support/mounts.ts";
import { outcomeOf, runTask, spawnProgram } from "../support/run.ts";

const ignore = !canCompile;

/** A port where nobody listens: whatever goes through this proxy fails. */
const DEAD_PROXY = "http://127.0.0.1:9";

/** What is behind the runtime in a binary. */
function payloadOf(binary: string): string {
  const { end } = readElfHeader(binary)!;
  return new TextDecoder().decode(Deno.readFileSync(binary).subarray(end));
}

/** A compile in another checkout, at a later time and with another V8; many facts are about it. */
let elsewhere: Promise<{ sha256: string; payload: string }> | undefined;

async function compileElsewhere(): Promise<{ sha256: string; payload: string }> {
  using checkout = new Checkout("telltale-folder/much/deeper", { mtime: 1_700_000_000 });
  const output = checkout.join("dist/relay");
  const env = { ...runtimeEnv(), DENO_V8_FLAGS: "--single-threaded" };
  const { code, stderr } = await checkout.run("compile", ["--output", output], env);
  assert.equal(code, 0, stderr);
  return { sha256: hashFile(output), payload: payloadOf(output) };
}

Deno.test({
  name: "compile makes the same bytes in another checkout, whatever the environment says to Deno",
  ignore,
  async fn() {
    const { sha256 } = await (elsewhere ??= compileElsewhere());
    assert.equal(sha256, hashFile(await sharedBinary()));
  },
});

Deno.test({
  name: "compile makes the same bytes of a job and its libraries from two checkouts and two caches",
  ignore,
  async fn() {
    const entry = "tests/support/jobs/with_library.ts";
    using elsewhere = new Checkout("some/where/else", { mtime: 1_000_000_000 });
    Deno.mkdirSync(elsewhere.join("tests/support/jobs"), { recursive: true });
    Deno.copyFileSync(join(ROOT, entry), elsewhere.join(entry));
    const output = elsewhere.join("relay");
    const { code, stderr } = await elsewhere.run(
      "compile",
      ["--entry", elsewhere.join(entry), "--output", output],
      { ...runtimeEnv(), DENO_DIR: elsewhere.join("cache") },
    );
    assert.equal(code, 0, stderr);
    assert.ok(sameBytes(output, await sharedBinary(entry)));
  },
});

Deno.test({
  name: "a job with npm libraries runs compiled, and its program names them by version",
  ignore,
  async fn() {
    const binary = await sharedBinary("tests/support/jobs/with_library.ts");
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    const { code, stderr } = await outcomeOf(
      spawnProgram(binary, [], { ...mounts.env, DEV_MODE: "1" }),
    );
    assert.equal(code, 0, stderr);
    assert.match(Deno.readTextFileSync(join(mounts.output, "table.txt")), /│ 1 │ 2 │[^]*\n3$/);
    const payload = payloadOf(binary);
    assert.match(payload, /npm:csv-parse@\d/);
    assert.doesNotMatch(payload, /registry\.|\.cache\/deno|\/tmp\/(?!deno-compile)/);
  },
});

Deno.test({
  name: "compile evaluates no code of a job outside of an isolate without rights",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "compile-test-" });
    const output = folder.join("relay");
    const { code, stderr } = await runTask("compile", [
      "--entry",
      "tests/support/jobs/throwing_at_load.ts",
      "--output",
      output,
    ]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /throwing_at_load\.ts is no job that can be built: (?:NotCapable: )?Requires write access .*throwing_at_load\.ts:4:6/,
    );
    assert.ok(!exists(join(ROOT, "throwing_at_load.mark")));
    assert.ok(!exists(output));
  },
});

Deno.test({
  name: "compile puts nothing of tasks/ or its libraries into the binary",
  ignore,
  async fn() {
    const payload = payloadOf(await sharedBinary());
    assert.match(payload, /result-relay/, "the job itself is there");
    for (const marker of ["--help lists the options", "commander", "dockerfile", "viem"]) {
      assert.ok(!payload.includes(marker), marker);
    }
  },
});

Deno.test({
  name: "compile puts nothing of the machine's paths into the binary",
  ignore,
  async fn() {
    const { payload } = await (elsewhere ??= compileElsewhere());
    assert.ok(!payload.includes("telltale-folder"));
  },
});

Deno.test({
  name: "compile prints path, size, SHA-256 and permissions",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "compile-test-" });
    const output = folder.join("relay");
    const { code, stdout, stderr } = await runTask("compile", ["--output", output]);
    assert.equal(code, 0);
    assert.match(stderr, /^Checking types\.\.\.\nCompiling\.\.\.\n[^]*\nNext: `deno task export`/);
    assert.ok(stdout.startsWith(`${output}\n`), stdout);
    assert.match(stdout, new RegExp(`\\(${Deno.statSync(output).size} bytes\\)`));
    assert.match(stdout, new RegExp(`SHA-256 +${hashFile(output)}\n`));
    assert.match(
      stdout,
      /permissions +read, write, net, sys=statfs, env=.*QUERY.*; no run, no ffi/,
    );
  },
});

Deno.test({
  name: "compile --entry compiles another job",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const output = join(mounts.root, "count");
    await runTask("compile", ["--entry", "examples/count_by_locale.ts", "--output", output]);
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    const { code } = await new Deno.Command(output, {
      env: { ...mounts.env, DEV_MODE: "1" },
    }).output();
    assert.equal(code, 0);
    assert.deepEqual(mounts.outputNames(), ["count_by_locale.csv", "count_by_locale.json"]);
  },
});

Deno.test({
  name: "the binary relays on its own in an empty folder",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    const cwd = join(mounts.root, "empty");
    Deno.mkdirSync(cwd);
    const { code, stderr } = await new Deno.Command(await sharedBinary(), {
      cwd,
      clearEnv: true,
      env: { ...mounts.env, DEV_MODE: "1" },
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
    assert.deepEqual([...Deno.readDirSync(cwd)], []);
  },
});

Deno.test({
  name: "two compiles at once make the same whole binary",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "compile-test-" });
    const output = folder.join("relay");
    const both = await Promise.all([1, 2].map(() => runTask("compile", ["--output", output])));
    assert.deepEqual(both.map(({ code }) => code), [0, 0], both[0]!.stderr + both[1]!.stderr);
    assert.ok(sameBytes(output, await sharedBinary()));
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["relay"]);
  },
});

Deno.test({
  name: "compile refuses a job that doesn't type-check, and keeps the earlier binary",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "compile-test-" });
    const [entry, output] = [folder.join("job.ts"), folder.join("relay")];
    Deno.writeTextFileSync(entry, "export const rows: number = 'many';\n");
    Deno.writeTextFileSync(output, "earlier");
    const { code, stderr } = await runTask("compile", ["--entry", entry, "--output", output]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /doesn't pass the type check:[^]*TS2322[^]*job\.ts:1/,
    );
    assert.equal(Deno.readTextFileSync(output), "earlier");
  },
});

Deno.test("compile finds a bad --output before it checks types", async () => {
  const { code, stderr } = await runTask("compile", ["--output", ROOT]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: Can't write .*: it is a directory/);
});

Deno.test("compile names a missing entry", async () => {
  const { code, stderr } = await runTask("compile", ["--entry", "nowhere.ts"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: The entry .*nowhere\.ts doesn't exist/);
});

Deno.test("compile names a DENORT_BIN that isn't there", async () => {
  const { code, stderr } = await runTask("compile", [], { DENORT_BIN: "/nowhere/denort" });
  assert.equal(code, 1);
  assert.match(stderr, /DENORT_BIN names \/nowhere\/denort, which doesn't exist/);
});

Deno.test("compile without a runtime says the three ways to one", async () => {
  using checkout = new Checkout("a", { mtime: 1_000_000_000 });
  using cache = cacheWithoutRuntimes();
  const { code, stderr } = await checkout.run("compile", ["--output", checkout.join("relay")], {
    DENO_DIR: cache.path,
    DENORT_BIN: "",
    HTTPS_PROXY: DEAD_PROXY,
  });
  assert.equal(code, 1);
  assert.match(stderr, /can't get the runtime/);
  for (const way of ["network that reaches", "DENORT_BIN", "deno task denort"]) {
    assert.ok(stderr.includes(way), `${way}: ${stderr}`);
  }
});

Deno.test("compile refuses a fetched runtime that was changed since", async () => {
  using checkout = new Checkout("a", { mtime: 1_000_000_000 });
  Deno.mkdirSync(checkout.join(".cache"));
  Deno.writeTextFileSync(checkout.join(".cache/denort-2.6.8"), "changed");
  const { code, stderr } = await checkout.run("compile", [], { DENORT_BIN: "" });
  assert.equal(code, 1);
  assert.match(stderr, /isn't the runtime that was fetched.*`deno task denort`/);
});

Deno.test({
  name: "denort fetches the pinned runtime, and compile says that it uses it",
  ignore: !hasProgram("python3"),
  async fn() {
    using checkout = new Checkout("a", { mtime: 1_000_000_000 });
    const fetched = await checkout.run("denort", []);
    assert.equal(fetched.code, 0, fetched.stderr);
    assert.deepEqual(
      [...Deno.readDirSync(checkout.join(".cache"))].map(({ name }) => name),
      ["denort-2.6.8"],
    );
    const output = checkout.join("relay");
    const { code, stderr } = await checkout.run("compile", ["--output", output], {
      DENORT_BIN: "",
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /Compiled on the runtime .*denort-2\.6\.8, not on Deno's own download/);
  },
});

Deno.test("denort says what to install where there is no Python", async () => {
  const { code, stderr } = await runTask("denort", [], { PATH: "/nowhere" });
  assert.equal(code, 1);
  assert.match(stderr, /no program "python3"\. Install Python 3 with pip/);
});

/** A cache for Deno that has this machine's packages, but none of its compile runtimes. */
function cacheWithoutRuntimes(): TemporaryFolder {
  const folder = new TemporaryFolder({ prefix: "deno-dir-" });
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  Deno.mkdirSync(folder.join("dl"));
  for (const part of ["", "dl"]) {
    for (const { name } of Deno.readDirSync(join(denoDir, part))) {
      if (name === "dl" || name === "release") continue;
      Deno.symlinkSync(join(denoDir, part, name), folder.join(join(part, name)));
    }
  }
  return folder;
}
