/** The archive that `export` makes of this checkout, on a real runtime and a real base. */

import assert from "node:assert/strict";
import type { Proof } from "../../../../tasks/lib/audit/proof.ts";
import { proveArchive } from "../../../../tasks/lib/audit/prove.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { canCompile, canMakeBase, sharedArchive } from "../../../support/artifacts.ts";
import { standInBase } from "../../../support/base_image.ts";
import { HOSTILE_ARCHIVES } from "../../../support/hostile_archives.ts";

const ignore = !(canCompile && canMakeBase);

async function prove(archive: string): Promise<Proof> {
  return await proveArchive(archive, { base: await standInBase() });
}

Deno.test({
  name: "an exported archive is proved by the checkout that it was made of",
  ignore,
  async fn() {
    const { verdict, reasons } = await prove(await sharedArchive());
    assert.deepEqual(reasons, []);
    assert.equal(verdict, "proved");
  },
});

Deno.test({
  name: "an exported archive with one byte of its runtime changed isn't proved",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "real-archive-test-" });
    const hostile = folder.join("hostile.tar.gz");
    const name = "a binary with one byte of its runtime changed";
    await HOSTILE_ARCHIVES.find((kind) => kind.name === name)!.make(await sharedArchive(), hostile);
    const { verdict, reasons } = await prove(hostile);
    assert.notEqual(verdict, "proved");
    // Where Deno's own runtime isn't available, this could be it.
    assert.match(
      reasons[0]!,
      /^the (runtime isn't the trusted one|archive is on another runtime)/,
    );
  },
});
