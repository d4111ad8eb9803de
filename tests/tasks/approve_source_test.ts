/** `approve --source`: only what the builder's checkout makes is admitted to a DLP's data. */

import assert from "node:assert/strict";
import { hashFile } from "../../tasks/lib/hash.ts";
import { canCompile, canMakeBase, sharedArchive } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { BuilderCheckout } from "../support/builder_source.ts";
import { canRunEvm } from "../support/evm.ts";
import { FileServer } from "../support/file_server.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { runOnChain, testOnChain } from "../support/onchain.ts";

const ignore = !canRunEvm || !canCompile || !canMakeBase;

testOnChain(
  "approve needs the builder's source, which must make the same program",
  async (chain) => {
    const archive = await sharedArchive();
    await using server = new FileServer(archive);
    const id = await chain.add({ sha256: hashFile(archive), url: server.url });
    const relay = 'import { relay } from "./mod.ts";\nexport default relay;\n';
    using builder = new BuilderCheckout({ "main.ts": `console.log("more");\n${relay}` });
    const args = ["approve", `${id}`, "--dlp", `${chain.dlp}`, "--yes", "--allow-http"]
      .concat(["--base", await standInBase(), "--source", builder.path]);

    const both = await runOnChain(chain, [...args, "--without-source"], { as: chain.owner });
    assert.match(both.stderr, /Expected either --source/);

    const other = await runOnChain(chain, [...args, "--unproved"], { as: chain.owner });
    assert.equal(other.code, 1, other.stderr);
    assert.match(other.stderr, /^\+console\.log\("more"\);$/m);
    assert.match(other.stderr, /is not approved: the archive differs/);

    builder.write({ "main.ts": `import "https://example.com/a.ts";\n${relay}` });
    const refused = await runOnChain(chain, args, { as: chain.owner });
    assert.equal(refused.code, 2, refused.stderr);
    assert.match(refused.stderr, /^why +main\.ts imports "https:\/\/example\.com\/a\.ts"/m);
    assert.equal(await chain.isApproved(id), false);
    assert.equal(await chain.sentBy(chain.owner), 0, "nothing was sent");

    builder.write({ "main.ts": relay });
    const approved = await runOnChain(chain, args, { as: chain.owner });
    assert.equal(approved.code, 0, approved.stderr);
    assert.match(approved.stderr, /^source +makes the same program, byte for byte$/m);
    assert.doesNotMatch(approved.stderr, /Without --source/);
    assert.equal(await chain.isApproved(id), true);

    const again = await runOnChain(chain, args, { as: chain.owner });
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /approved already for DLP \d+: nothing to send/);
    assert.equal(await chain.sentBy(chain.owner), 1, "only the approval was sent");
  },
  ignore,
);

testOnChain(
  "of an archive that can't be downloaded nothing can be told: it is neither approved nor registered",
  async (chain) => {
    using folder = new TemporaryFolder({ prefix: "approve-test-" });
    const archive = folder.join("archive.tar.gz");
    Deno.writeTextFileSync(archive, "an archive");
    const url = "http://127.0.0.1:9/archive.tar.gz";
    const id = await chain.add({ sha256: hashFile(archive), url });
    const flags = ["--yes", "--allow-http", "--unproved"];
    const approval = ["approve", `${id}`, "--dlp", `${chain.dlp}`, "--without-source", ...flags];
    const approved = await runOnChain(chain, approval, { as: chain.owner });
    assert.equal(approved.code, 2, approved.stderr);
    assert.match(approved.stderr, /^error: Instruction \d+ is not approved: .* can't be reached/m);
    const registration = ["register", "--url", `${url}?2`, "--archive", archive, ...flags];
    const registered = await runOnChain(chain, registration, { as: chain.owner });
    assert.equal(registered.code, 2, registered.stderr);
    assert.match(registered.stderr, /^error: Nothing was registered: .* can't be reached/m);
    assert.equal(await chain.sentBy(chain.owner), 0, "nothing was sent");
  },
  !canRunEvm,
);
