/** Checkouts where people have them: read-only, in another project, from Windows; and tasks started from a folder in one. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canCompile, hasProgram, runtimeEnv } from "../support/artifacts.ts";
import { Checkout } from "../support/checkout.ts";
import { TEST_KEY } from "../support/engine.ts";
import { FakeRegistry } from "../support/fake_registry.ts";
import { makeDatabase, namesIn, SMALL_RESULTS } from "../support/mounts.ts";
import { outcomeOf, spawnProgram } from "../support/run.ts";
import { SmallArchive } from "../support/small_archive.ts";

const MTIME = { mtime: 1_700_000_000 };

/** Projects that a checkout may lie in, by what is in the folder above it. */
const PARENTS: Record<string, Record<string, unknown>> = {
  "a Deno workspace that it isn't a member of": { "deno.json": { workspace: ["./member"] } },
  "a Deno workspace that takes every folder for a member": {
    "deno.json": {
      workspace: ["./*"],
      lock: false,
      nodeModulesDir: "auto",
      imports: { viem: "npm:viem@0.0.0" },
    },
  },
  "an npm project": {
    "package.json": { name: "parent", dependencies: { viem: "0.0.0" } },
  },
  "an npm project with workspaces": {
    "package.json": { name: "parent", dependencies: { viem: "0.0.0" }, workspaces: ["member"] },
  },
};

for (const [name, files] of Object.entries(PARENTS)) {
  Deno.test(`tasks work in a checkout in ${name}`, async () => {
    using checkout = new Checkout("parent/relay", MTIME);
    for (const [file, value] of Object.entries(files)) {
      Deno.writeTextFileSync(checkout.join(join("..", file)), JSON.stringify(value));
    }
    Deno.mkdirSync(checkout.join("../member"));
    Deno.writeTextFileSync(checkout.join("../member/deno.json"), "{}");
    Deno.writeTextFileSync(checkout.join("../member/package.json"), '{ "name": "member" }');
    const { code, stderr } = await checkout.task(["dev"]);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /workspace|Warning/);
    assert.ok(!namesIn(checkout.join("..")).includes("node_modules"));
  });
}

const cantMount = Deno.uid() !== 0;

/** A checkout on a read-only mount. */
class ReadOnlyCheckout extends Checkout {
  constructor() {
    super("a", MTIME);
    Deno.mkdirSync(this.join("input"));
    Deno.mkdirSync(this.join("output"));
    for (const options of [["--bind", this.path], ["-o", "remount,bind,ro"]]) {
      const { success, stderr } = new Deno.Command("mount", { args: [...options, this.path] })
        .outputSync();
      assert.ok(success, new TextDecoder().decode(stderr));
    }
  }

  override [Symbol.dispose](): void {
    new Deno.Command("umount", { args: [this.path] }).outputSync();
    super[Symbol.dispose]();
  }
}

/** One for all tests: nothing can change it. */
let readOnlyCheckout: ReadOnlyCheckout | undefined;

Deno.test.beforeAll(() => {
  if (!cantMount) readOnlyCheckout = new ReadOnlyCheckout();
});
Deno.test.afterAll(() => readOnlyCheckout?.[Symbol.dispose]());

Deno.test({
  name: "dev in a read-only checkout needs nothing but another output",
  ignore: cantMount,
  async fn() {
    const checkout = readOnlyCheckout!;
    using output = new TemporaryFolder({ prefix: "output-" });
    const env = { OUTPUT_PATH: output.path };
    const { code, stdout, stderr } = await checkout.task(["dev"], { env });
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^Data: made from dummy_data\.sql for this run, as .*input can't be written/,
    );
    assert.deepEqual(namesIn(output.path), ["query_results.db"]);
  },
});

Deno.test({
  name: "sign, release and every --help work in a read-only checkout",
  ignore: cantMount,
  async fn() {
    const checkout = readOnlyCheckout!;
    const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
    const helps = Object.keys(tasks).filter((name) => !["test", "check"].includes(name));
    for (const args of [["sign", "SELECT 1"], ["release"], ...helps.map((name) => [name, "-h"])]) {
      const { code, stderr } = await checkout.task(args, { env: { PRIVATE_KEY: TEST_KEY } });
      assert.equal(code, 0, `${args.join(" ")}: ${stderr}`);
    }
  },
});

Deno.test({
  name: "verify proves an archive in a read-only checkout",
  ignore: cantMount,
  async fn() {
    const checkout = readOnlyCheckout!;
    using small = await SmallArchive.make();
    const args = ["verify", small.path, "--base", small.base];
    const { code, stdout } = await checkout.task(args, { env: { DENORT_BIN: small.runtime } });
    assert.equal(code, 0, stdout);
  },
});

/** Tasks that write into the checkout, and what they would write there. */
const WRITERS: Record<string, { args: string[]; place: string }> = {
  dev: { args: [], place: "output" },
  seed: { args: [], place: "input/query_results.db" },
  compile: { args: [], place: "dist" },
  export: { args: [], place: "dist" },
  add: { args: ["npm:valibot@1.4.0"], place: "import_map.json" },
};

for (const [name, { args, place }] of Object.entries(WRITERS)) {
  Deno.test({
    name: `${name} in a read-only checkout names ${place} and what to do`,
    ignore: cantMount,
    async fn() {
      const checkout = readOnlyCheckout!;
      const { code, stderr } = await checkout.task([name, ...args], { env: runtimeEnv() });
      assert.equal(code, 1);
      assert.ok(stderr.includes(checkout.join(place)), stderr);
      assert.match(stderr, /can't be written to|Can't write/);
      assert.match(stderr, /work in a copy of it|set OUTPUT_PATH to another/);
      assert.doesNotMatch(stderr, /^\s+at |Stack backtrace/m);
    },
  });
}

Deno.test({
  name: "export in a read-only checkout writes to another place, on a base of a registry",
  ignore: cantMount || !canCompile,
  async fn() {
    await using registry = new FakeRegistry();
    const checkout = readOnlyCheckout!;
    using output = new TemporaryFolder({ prefix: "output-" });
    const args = ["--output", output.join("job.tar.gz"), "--base", registry.pinned];
    const { code, stderr } = await checkout.task(["export", ...args], { env: runtimeEnv() });
    assert.equal(code, 0, stderr);
    assert.deepEqual(namesIn(output.path), ["job.tar.gz", "job.tar.gz.sha256"]);
  },
});

Deno.test({
  name: "a checkout that git makes for Windows has the same bytes",
  ignore: !hasProgram("git"),
  async fn() {
    using folder = new TemporaryFolder({ prefix: "windows-" });
    const git = async (...args: string[]) => {
      const identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"];
      const { code, stderr } = await outcomeOf(spawnProgram("git", [...identity, ...args], {}));
      assert.equal(code, 0, stderr);
    };
    const [source, clone] = [folder.join("source"), folder.join("clone")];
    Deno.mkdirSync(source);
    for (const name of [".gitattributes", "main.ts"]) {
      Deno.copyFileSync(join(ROOT, name), join(source, name));
    }
    await git("-C", source, "init", "--quiet");
    await git("-C", source, "add", ".");
    await git("-C", source, "commit", "--quiet", "--message=First");
    await git("clone", "--quiet", "--config=core.autocrlf=true", source, clone);
    const text = Deno.readTextFileSync(join(clone, "main.ts"));
    assert.equal(text, Deno.readTextFileSync(join(ROOT, "main.ts")));
    assert.ok(!text.includes("\r"));
  },
});

Deno.test("the mounts of worker are the person's paths", async () => {
  using checkout = new Checkout("a", MTIME);
  Deno.mkdirSync(checkout.join("examples/in"));
  makeDatabase(checkout.join("examples/in/query_results.db"), SMALL_RESULTS);
  const env = { INPUT_PATH: "in", OUTPUT_PATH: "out" };
  const { code, stderr } = await checkout.task(["worker"], { folder: "examples", env });
  assert.equal(code, 0, stderr);
  assert.deepEqual(namesIn(checkout.join("examples/out")), ["query_results.db"]);
});

for (const name of ["export", "build"]) {
  Deno.test({
    name: `the --base of ${name} is the person's path`,
    ignore: !canCompile || (name === "build" && !hasProgram("docker")),
    async fn() {
      using checkout = new Checkout("a", MTIME);
      Deno.writeTextFileSync(checkout.join("examples/base.tar"), "no tar");
      const args = [name, "--base", "base.tar"];
      const { code, stderr } = await checkout.task(args, { folder: "examples", env: runtimeEnv() });
      assert.notEqual(code, 0);
      assert.match(stderr, /examples\/base\.tar/);
    },
  });
}
