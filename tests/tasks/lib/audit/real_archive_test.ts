/** The archive that `export` made of this checkout, taken apart and made again. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { makeAgain, type Proof } from "../../../../tasks/lib/audit/make_again.ts";
import { takeApart } from "../../../../tasks/lib/audit/take_apart.ts";
import { compile } from "../../../../tasks/lib/binary/compile.ts";
import { ROOT } from "../../../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { canCompile, canMakeBase, sharedArchive } from "../../../support/artifacts.ts";
import { standInBase } from "../../../support/base_image.ts";
import { HOSTILE_ARCHIVES } from "../../../support/hostile_archives.ts";

const ignore = !(canCompile && canMakeBase);

async function prove(archive: string): Promise<Proof> {
  using folder = new TemporaryFolder({ prefix: "real-archive-test-" });
  const parts = await takeApart(archive, folder.path);
  return await makeAgain(archive, parts, {
    base: await standInBase(),
    async makeBinary(_, output) {
      return (await compile({ entry: join(ROOT, "main.ts"), output })).job;
    },
  });
}

Deno.test({
  name: "an exported archive is proved by the checkout that it was made of",
  ignore,
  async fn() {
    const { proved, differences } = await prove(await sharedArchive());
    assert.deepEqual(differences, []);
    assert.equal(proved, true);
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
    const { proved, differences } = await prove(hostile);
    assert.equal(proved, false);
    assert.match(
      differences[0]!,
      /^the runtime differs from byte \d+ on: [0-9a-f]{64} in the archive, [0-9a-f]{64} here$/,
    );
  },
});
