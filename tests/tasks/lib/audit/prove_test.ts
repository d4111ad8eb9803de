/** What proving an archive in this process finds. */

import assert from "node:assert/strict";
import { hashFile } from "../../../../tasks/lib/hash.ts";
import { proveArchive } from "../../../../tasks/lib/audit/prove.ts";
import { HOSTILE_ARCHIVES } from "../../../support/hostile_archives.ts";
import { SmallArchive } from "../../../support/small_archive.ts";

Deno.test("an archive that is put in another's place while it is read proves nothing of that", async () => {
  using good = await SmallArchive.make();
  const path = good.join("archive.tar.gz");
  // It has the same program and the same labels.
  const { make } = HOSTILE_ARCHIVES.find(({ name }) => name === "a gzip with another level")!;
  await make(good.path, path);
  const registered = hashFile(path);
  Deno.env.set("DENORT_BIN", good.runtime);
  try {
    const { verdict, reasons, archive } = await proveArchive(path, {
      base: good.base,
      onProgress({ what }) {
        if (what === "Making the archive again") Deno.copyFileSync(good.path, path);
      },
    });
    assert.equal(archive.sha256, registered);
    assert.deepEqual(reasons, ["the archive's file was changed while it was read"]);
    assert.equal(verdict, "unknown");
  } finally {
    Deno.env.delete("DENORT_BIN");
  }
});
