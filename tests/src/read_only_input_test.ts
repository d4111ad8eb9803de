/** An input mount that can't be written to, as `docker run -v input:/mnt/input:ro` gives. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { Results } from "../../mod.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../support/mounts.ts";
import { runWorker } from "../support/run.ts";

/** Mounting needs root, which a laptop's user isn't. */
const ignore = Deno.uid() !== 0;

/** Mounts the input onto itself, read-only, for the length of the `using` block. */
function readOnly(folder: string): Disposable {
  const mount = (...args: string[]) => {
    const { success } = new Deno.Command("mount", { args }).outputSync();
    assert.ok(success, `mount ${args.join(" ")}`);
  };
  mount("--bind", folder, folder);
  mount("-o", "remount,bind,ro", folder);
  return {
    [Symbol.dispose]() {
      new Deno.Command("umount", { args: [folder] }).outputSync();
    },
  };
}

async function relayedRows(mounts: Mounts): Promise<number> {
  using _mount = readOnly(mounts.input);
  const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
  assert.equal(code, 0, stderr);
  using relayed = Results.open(mounts.outputDatabase);
  return relayed.count();
}

Deno.test({
  name: "a database on a read-only mount is relayed",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    assert.equal(await relayedRows(mounts), 3);
  },
});

Deno.test({
  name: "a WAL database on a read-only mount is relayed with its latest rows",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const source = join(mounts.root, "live.db");
    using writer = new DatabaseSync(source);
    writer.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; ${SMALL_RESULTS}`);
    for (const suffix of ["", "-wal"]) {
      Deno.copyFileSync(source + suffix, mounts.inputDatabase + suffix);
    }
    assert.equal(await relayedRows(mounts), 3);
  },
});

Deno.test({
  name: "a WAL database without sidecars on a read-only mount is relayed",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, `PRAGMA journal_mode = WAL; ${SMALL_RESULTS}`);
    assert.equal(await relayedRows(mounts), 3);
  },
});

Deno.test({
  name: "a query's answer can't be stored on a read-only input: exit 1 before it is sent",
  ignore,
  async fn() {
    using mounts = new Mounts();
    using _mount = readOnly(mounts.input);
    const { code, stderr } = await runWorker({
      ...mounts.env,
      QUERY: "SELECT 1",
      QUERY_SIGNATURE: "0x12",
      QUERY_ENGINE_URL: "http://127.0.0.1:9",
    });
    assert.equal(code, 1);
    assert.match(stderr, /INPUT_PATH: .* can't be written to .*mount a writable directory/);
  },
});

Deno.test({
  name: "a read-only output exits 1 and names the fix",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    using _mount = readOnly(mounts.output);
    const { code, stderr } = await runWorker({ ...mounts.env, DEV_MODE: "1" });
    assert.equal(code, 1);
    assert.match(stderr, /OUTPUT_PATH: .* can't be written to .*--tmpfs/);
  },
});
