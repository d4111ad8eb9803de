/** What `verify` says where the machine, and not the archive, is at fault. */

import assert from "node:assert/strict";
import type { Proof } from "../../tasks/lib/audit/proof.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { DENO_PROJECT_ARGS } from "../../tasks/lib/project.ts";
import { elfImage } from "../support/compiled_binary.ts";
import { Checkout } from "../support/checkout.ts";
import { HOSTILE_ARCHIVES } from "../support/hostile_archives.ts";
import { rawTar } from "../support/hostile_tar.ts";
import { withOwnRuntime } from "../support/own_runtime.ts";
import { outcomeOf, spawnProgram } from "../support/run.ts";
import { SmallArchive } from "../support/small_archive.ts";
import { goodParts, makeBaseArchive } from "../support/test_image.ts";

/** One archive for all tests here. */
let made: Promise<SmallArchive> | undefined;

function small(): Promise<SmallArchive> {
  return made ??= SmallArchive.make();
}

Deno.test.afterAll(async () => (await made)?.[Symbol.dispose]());

async function verify(
  path: string,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; proof: Proof }> {
  const { code, stdout } = await (await small()).verify(path, [...args, "--json"], env);
  return { code, proof: JSON.parse(stdout) };
}

Deno.test("a base that can't be reached: can't tell, and what to do", async () => {
  const base = `127.0.0.1:9/base@sha256:${"0".repeat(64)}`;
  const { code, proof } = await verify((await small()).path, ["--base", base]);
  assert.equal(code, 2);
  assert.match(proof.reasons[0]!, /127\.0\.0\.1:9\/.* can't be reached/);
  assert.match(proof.remedy!, /name a base that you trust as a file/);
});

Deno.test("no folder for temporary files: can't tell, and what to do", async () => {
  const archive = await small();
  const { code, stderr } = await archive.verify(archive.path, [], { TMPDIR: "/nowhere" });
  assert.equal(code, 2);
  assert.match(stderr, /Can't make a folder in \/nowhere.*Set TMPDIR/);
});

/** Verifies where no file can be larger than so many KiB: a disk that is full, as far as a program sees. */
async function verifyOnFullDisk(
  kibibytes: number,
  path: string,
  base: string,
): Promise<{ code: number; proof: Proof }> {
  const { runtime } = await small();
  const script = `trap '' XFSZ; ulimit -f ${kibibytes * 2}; exec "$@"`;
  const { code, stdout } = await outcomeOf(
    spawnProgram(
      "sh",
      ["-c", script, "sh", Deno.execPath(), "run", "-A", ...DENO_PROJECT_ARGS, "tasks/verify.ts"]
        .concat([path, "--base", base, "--json"]),
      { DENORT_BIN: runtime },
    ),
  );
  return { code, proof: JSON.parse(stdout) };
}

for (const kind of ["a good archive", "a binary with a variable"]) {
  Deno.test(`no room to take ${kind} apart: can't tell, and what to do`, async () => {
    const archive = await small();
    const path = archive.join(`${kind}.tar.gz`);
    const hostile = HOSTILE_ARCHIVES.find(({ name }) => name === kind);
    if (hostile === undefined) Deno.copyFileSync(archive.path, path);
    else await hostile.make(archive.path, path);
    const { code, proof } = await verifyOnFullDisk(20, path, archive.base);
    assert.equal(code, 2);
    assert.match(proof.reasons[0]!, /^it can't be made again here: File too large/);
    assert.match(proof.remedy!, /set TMPDIR to a folder with more room/);
  });
}

Deno.test("no room for the base: can't tell, although the archive has another", async () => {
  const archive = await small();
  const base = archive.join("large-base.tar");
  const layer = rawTar([{ name: "large", data: "x".repeat(1 << 21) }]);
  Deno.writeFileSync(base, makeBaseArchive({ ...goodParts(), base: layer }));
  const { code, proof } = await verifyOnFullDisk(1000, archive.path, base);
  assert.equal(code, 2, proof.reasons.join());
  const withRoom = await verify(archive.path, ["--base", base]);
  assert.equal(withRoom.code, 1);
  assert.match(withRoom.proof.reasons[0]!, /^the base isn't the one that is trusted here/);
  assert.match(withRoom.proof.remedy!, /give it with --base/);
});

Deno.test("no runtime to compare with: can't tell, and what to do", async () => {
  // A cache without Deno's runtime, and no way to download it.
  const env = { DENORT_BIN: "", HTTPS_PROXY: "http://127.0.0.1:9" };
  const { code, proof } = await verify((await small()).path, [], env);
  assert.equal(code, 2);
  assert.match(
    proof.reasons[0]!,
    /on another runtime \(SHA-256 \w+\) than the one that `deno task denort` pins/,
  );
  assert.match(proof.remedy!, /network that reaches Deno's own host/);
});

Deno.test("a DENORT_BIN that isn't there: can't tell, and its name", async () => {
  const { code, proof } = await verify((await small()).path, [], { DENORT_BIN: "/nowhere/denort" });
  assert.equal(code, 2);
  assert.match(proof.reasons[0]!, /DENORT_BIN names \/nowhere\/denort, which doesn't exist/);
});

Deno.test("an archive on the runtime that Deno downloads is proved", async () => {
  const archive = await small();
  const cache = archive.join("same");
  Deno.mkdirSync(cache);
  const env = await withOwnRuntime(cache, Deno.readFileSync(archive.runtime));
  const { code, proof } = await verify(archive.path, [], env);
  assert.equal(code, 0, proof.reasons.join());
  assert.deepEqual(proof.parts[0], {
    name: "runtime",
    seen: `Deno's own download, SHA-256 ${hashFile(archive.runtime)}`,
  });
});

Deno.test("an archive on another runtime than the one that Deno downloads differs", async () => {
  const archive = await small();
  const cache = archive.join("patched");
  Deno.mkdirSync(cache);
  const patched = elfImage().with(20, 2);
  const env = await withOwnRuntime(cache, patched);
  const { code, proof } = await verify(archive.path, [], env);
  assert.equal(code, 1);
  assert.match(
    proof.differences![0]!.seen,
    new RegExp(`^the runtime differs .*: ${hashFile(archive.runtime)} in the archive`),
  );
  assert.match(proof.parts[0]!.seen, /^Deno's own download, SHA-256 /);
});

Deno.test("a copy of the checkout elsewhere proves the same archive", async () => {
  const archive = await small();
  using checkout = new Checkout("copy/of it", { mtime: 1_600_000_000 });
  const { code, stdout, stderr } = await checkout.run(
    "verify",
    [archive.path, "--base", archive.base],
    { DENORT_BIN: archive.runtime },
  );
  assert.equal(code, 0, stdout + stderr);
});
