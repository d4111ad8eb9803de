/**
 * Mounts on which no mode can be set, as those of network shares and object stores: a real one, which
 * answers every chmod with EPERM.
 */

import assert from "node:assert/strict";
import { exists } from "../../../src/files.ts";
import { canCompile, hasProgram, sharedBinary } from "../../support/artifacts.ts";
import { productionEnv, TestEngine } from "../../support/engine.ts";
import {
  leaveInWal,
  makeDatabase,
  Mounts,
  namesIn,
  sameBytes,
  SMALL_RESULTS,
} from "../../support/mounts.ts";
import { runTask, runWorker } from "../../support/run.ts";

const ignore = Deno.uid() !== 0 || !hasProgram("bindfs") || !exists("/dev/fuse");

/** A database of more than a MiB, which is copied in another way than a small one. */
const LARGE_RESULTS =
  `CREATE TABLE results(body); INSERT INTO results VALUES (randomblob(3000000));`;

/** Both mounts, without modes. */
class ModelessMounts extends Mounts {
  /** Makes an input database, and lets it be read only if `readOnly`. */
  constructor(make: (path: string) => void = () => {}, { readOnly = false } = {}) {
    super();
    make(this.inputDatabase);
    mountWithoutModes(this.input, readOnly ? ["-o", "ro"] : []);
    mountWithoutModes(this.output);
    Deno.writeTextFileSync(`${this.output}/probe`, "");
    assert.throws(() => Deno.chmodSync(`${this.output}/probe`, 0o600), /os error 1\b/);
    Deno.removeSync(`${this.output}/probe`);
  }

  override [Symbol.dispose](): void {
    for (const folder of [this.input, this.output]) {
      new Deno.Command("umount", { args: [folder] }).outputSync();
    }
    super[Symbol.dispose]();
  }
}

function mountWithoutModes(folder: string, options: string[] = []): void {
  const { success, stderr } = new Deno.Command("bindfs", {
    args: ["--chmod-deny", ...options, folder, folder],
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}

for (const [size, sql] of Object.entries({ small: SMALL_RESULTS, large: LARGE_RESULTS })) {
  Deno.test({
    name: `a ${size} database is relayed to a mount without modes, byte for byte, twice`,
    ignore,
    async fn() {
      using mounts = new ModelessMounts((path) => makeDatabase(path, sql));
      for (let run = 0; run < 2; run++) {
        const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
        assert.equal(code, 0, stderr);
        assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
        assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
      }
    },
  });
}

Deno.test({
  name: "a query's answer is downloaded to a mount without modes and relayed to another",
  ignore,
  async fn() {
    using mounts = new ModelessMounts();
    await using engine = new TestEngine();
    const { code, stderr } = await runWorker(await productionEnv(mounts, engine.url));
    assert.equal(code, 0, stderr);
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
    assert.deepEqual(mounts.inputNames(), ["query_results.db"]);
  },
});

Deno.test({
  name: "a job's artifacts, in folders too, are published on a mount without modes",
  ignore,
  async fn() {
    using mounts = new ModelessMounts((path) => makeDatabase(path, LARGE_RESULTS));
    const entry = "tests/support/jobs/every_way.ts";
    const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" }, entry);
    assert.equal(code, 0, stderr);
    assert.deepEqual(mounts.outputNames(), ["by", "copy.db", "made.db"]);
    assert.deepEqual(namesIn(`${mounts.output}/by/day`), ["count.txt"]);
    assert.ok(sameBytes(mounts.inputDatabase, `${mounts.output}/copy.db`));
  },
});

Deno.test({
  name: "a WAL database on a read-only mount is read where its copy can have no mode",
  ignore,
  async fn() {
    using mounts = new ModelessMounts(leaveInWal, { readOnly: true });
    const entry = "tests/support/jobs/every_way.ts";
    const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" }, entry);
    assert.equal(code, 0, stderr);
    assert.equal(Deno.readTextFileSync(`${mounts.output}/by/day/count.txt`), "3");
  },
});

Deno.test({
  name: "compile makes the same binary on a mount without modes",
  ignore: ignore || !canCompile,
  async fn() {
    using mounts = new ModelessMounts();
    const { code, stderr } = await runTask("compile", ["--output", `${mounts.output}/relay`]);
    assert.equal(code, 0, stderr);
    assert.deepEqual(mounts.outputNames(), ["relay"]);
    assert.ok(sameBytes(`${mounts.output}/relay`, await sharedBinary()));
  },
});
