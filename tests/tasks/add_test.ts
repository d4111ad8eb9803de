import assert from "node:assert/strict";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { Checkout } from "../support/checkout.ts";
import { NpmRegistry } from "../support/npm_registry.ts";
import { sameBytes } from "../support/mounts.ts";
import { ROOT } from "../../tasks/lib/project.ts";

const LIBRARY = "@acme/shout";

function registry(): NpmRegistry {
  const text = (mark: string) => `export const shout = (text) => text.toUpperCase() + "${mark}";\n`;
  return new NpmRegistry(LIBRARY, { "1.0.0": text("?"), "1.1.0": text("!"), "2.0.0": text("!!") });
}

/** A copy of this checkout that gets the library's scope from a registry. */
function checkoutWith({ npmrc }: NpmRegistry): Checkout {
  const checkout = new Checkout("a", { mtime: 1_700_000_000 });
  Deno.writeTextFileSync(checkout.join(".npmrc"), npmrc);
  return checkout;
}

interface LockFile {
  npm: Record<string, { integrity: string }>;
}

function readLock(checkout: Checkout): LockFile {
  return JSON.parse(Deno.readTextFileSync(checkout.join("deno.lock")));
}

function readImports(checkout: Checkout): Record<string, string> {
  return JSON.parse(Deno.readTextFileSync(checkout.join("import_map.json"))).imports;
}

function jobFor(checkout: Checkout): string {
  return `import { shout } from "${LIBRARY}";
    import { defineJob } from "${checkout.join("mod.ts")}";
    export default defineJob({
      name: "shouting",
      process: ({ artifacts }) => artifacts.writeText("out.txt", shout("hello")),
    });`;
}

Deno.test("a library is added at its newest version, with its checksum, for jobs anywhere", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  const added = await checkout.task(["add", `npm:${LIBRARY}`]);
  assert.equal(added.code, 0, added.stderr);
  assert.equal(added.stdout, `${LIBRARY}@2.0.0  ${npm.integrity("2.0.0")}\n`);
  assert.equal(readLock(checkout).npm[`${LIBRARY}@2.0.0`]!.integrity, npm.integrity("2.0.0"));
  using elsewhere = new TemporaryFolder({ prefix: "job-" });
  const places = [checkout.join("main.ts"), checkout.join("examples/mine.ts")];
  for (const job of [...places, elsewhere.join("job.ts")]) {
    Deno.writeTextFileSync(job, jobFor(checkout));
    const { code, stderr } = await checkout.task(["dev", "--entry", job]);
    assert.equal(code, 0, stderr);
    assert.equal(Deno.readTextFileSync(checkout.join("output/out.txt")), "HELLO!!");
  }
});

Deno.test("a library is added at the version that is named, and changed to another", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  for (const [range, version] of [["1.0.0", "1.0.0"], ["^1", "1.1.0"]]) {
    const { code, stdout, stderr } = await checkout.task(["add", `npm:${LIBRARY}@${range}`]);
    assert.equal(code, 0, stderr);
    assert.ok(stdout.startsWith(`${LIBRARY}@${version}  sha512-`), stdout);
    assert.equal(readImports(checkout)[LIBRARY], `npm:${LIBRARY}@${version}`);
    assert.equal(readImports(checkout)[`${LIBRARY}/`], `npm:/${LIBRARY}@${version}/`);
  }
  const locked = Object.keys(readLock(checkout).npm).filter((name) => name.startsWith(LIBRARY));
  assert.deepEqual(locked, [`${LIBRARY}@1.1.0`]);
});

Deno.test("a library that is there already stays at its version", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  await checkout.task(["add", `npm:${LIBRARY}@1.0.0`]);
  const { code, stdout } = await checkout.task(["add", `npm:${LIBRARY}`]);
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`${LIBRARY}@1.0.0 `), stdout);
});

Deno.test("a library that doesn't exist leaves both files as they were", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  for (const library of ["npm:@acme/none", `npm:${LIBRARY}@3`]) {
    const { code, stderr } = await checkout.task(["add", library]);
    assert.equal(code, 1);
    assert.match(stderr, /^error: .*@acme\/(none|shout)/);
    for (const name of ["import_map.json", "deno.lock"]) {
      assert.ok(sameBytes(checkout.join(name), `${ROOT}/${name}`), name);
    }
  }
});

Deno.test("a library isn't added where another one can't be locked", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  const imports = { ...readImports(checkout), "@acme/none": "npm:@acme/none@1.0.0" };
  const text = JSON.stringify({ imports });
  Deno.writeTextFileSync(checkout.join("import_map.json"), text);
  const { code, stderr } = await checkout.task(["add", `npm:${LIBRARY}`]);
  assert.equal(code, 1);
  assert.match(stderr, /@acme\/none/);
  assert.equal(Deno.readTextFileSync(checkout.join("import_map.json")), text);
  assert.ok(!(`${LIBRARY}@2.0.0` in readLock(checkout).npm));
});

for (
  const library of [
    "papaparse",
    "jsr:@std/csv",
    "npm:",
    "npm:a b",
    "npm:../a",
    "npm:a@1 --allow-all",
  ]
) {
  Deno.test(`add refuses ${JSON.stringify(library)} and says what it expects`, async () => {
    using checkout = new Checkout("a", { mtime: 1_700_000_000 });
    const { code, stderr } = await checkout.run("add", [library]);
    assert.equal(code, 1);
    assert.match(stderr, /expected npm:NAME or npm:NAME@VERSION/);
  });
}

Deno.test("after a change of import_map.json by hand, a task names the command that helps, and it does", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  const imports = { ...readImports(checkout), [LIBRARY]: `npm:${LIBRARY}@1.0.0` };
  Deno.writeTextFileSync(checkout.join("import_map.json"), JSON.stringify({ imports }));
  const failed = await checkout.task(["dev"]);
  assert.equal(failed.code, 1);
  assert.match(
    failed.stderr,
    /^error: deno\.lock isn't up to date with import_map\.json: it has no npm:@acme\/shout@1\.0\.0\. Run `deno task lock`/,
  );
  const { code, stderr } = await checkout.task(["lock"]);
  assert.equal(code, 0, stderr);
  assert.equal(readLock(checkout).npm[`${LIBRARY}@1.0.0`]!.integrity, npm.integrity("1.0.0"));
  assert.equal((await checkout.task(["dev"])).code, 0);
});

Deno.test("lock drops a library that the import map no longer names", async () => {
  await using npm = registry();
  using checkout = checkoutWith(npm);
  await checkout.task(["add", `npm:${LIBRARY}`]);
  Deno.copyFileSync(`${ROOT}/import_map.json`, checkout.join("import_map.json"));
  const { code, stderr } = await checkout.task(["lock"]);
  assert.equal(code, 0, stderr);
  assert.ok(sameBytes(checkout.join("deno.lock"), `${ROOT}/deno.lock`));
});
