/** The way of an archive from its builder to a DLP's data, with the tasks that both people run. */

import assert from "node:assert/strict";
import { findTestRuntime } from "../../tasks/lib/binary/denort.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canCompile, canMakeBase, sharedArchive } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { canRunEvm, LocalChain } from "../support/evm.ts";
import { FileServer } from "../support/file_server.ts";
import { runOnChain } from "../support/onchain.ts";
import { withOwnRuntime } from "../support/own_runtime.ts";
import { goodParts, makeBaseArchive } from "../support/test_image.ts";

const ignore = !canRunEvm || !canCompile || !canMakeBase;

Deno.test({
  name: "an archive is exported, served, registered, approved and revoked",
  ignore,
  async fn() {
    const [archive, base] = [await sharedArchive(), await standInBase()];
    await using chain = await LocalChain.start();
    await using server = new FileServer(archive);
    const { builder, owner, dlp } = chain;
    const audit = ["--allow-http", "--base", base];
    const register = ["register", "--url", server.url, "--archive", archive, "--yes", ...audit];

    const onTestRuntime = await runOnChain(chain, register, { as: builder });
    assert.equal(onTestRuntime.code, 1);
    assert.match(onTestRuntime.stderr, /PROVED.*or allow the test runtime/s);
    assert.equal(await chain.count(), 0n, "nothing is registered");

    const registered = await runOnChain(chain, [...register, "--allow-test-runtime"], {
      as: builder,
    });
    assert.equal(registered.code, 0, registered.stderr);
    assert.match(registered.stdout, /^Instruction 1$/m);
    const sha256 = hashFile(archive);
    for (const part of [server.url, sha256, "verify --instruction 1", "approve 1 --dlp"]) {
      assert.ok(registered.stdout.includes(part), `the message says ${part}`);
    }

    const [transaction = ""] = /0x[0-9a-f]{64}/.exec(registered.stderr) ?? [];
    const byTransaction = await runOnChain(chain, ["status", transaction]);
    assert.match(byTransaction.stdout, /^Instruction 1 on Vana Moksha Testnet/);

    const status = ["status", "1", "--dlp", `${dlp}`];
    const before = await runOnChain(chain, status);
    assert.equal(before.code, 1, before.stderr);
    assert.match(before.stdout, /approved +no, not for DLP 7/);

    const verified = await runOnChain(chain, ["verify", "--instruction", "1", ...audit]);
    assert.equal(verified.code, 0, verified.stdout);
    assert.match(
      verified.stdout,
      new RegExp(`^archive +SHA-256 ${sha256}, as instruction 1 on Vana Moksha Testnet says`, "m"),
    );

    const withSource = ["approve", "1", "--dlp", `${dlp}`, "--yes", ...audit];
    const withoutWord = await runOnChain(chain, withSource, { as: owner });
    assert.equal(withoutWord.code, 1);
    assert.match(withoutWord.stderr, /Expected either --source .* or --without-source/);
    const approve = [...withSource, "--without-source"];
    const stranger = await runOnChain(chain, approve, { as: builder });
    assert.equal(stranger.code, 1);
    assert.match(stranger.stderr, /isn't the owner of DLP 7; only its owner may approve/);

    const approved = await runOnChain(chain, approve, { as: owner });
    assert.equal(approved.code, 0, approved.stderr);
    assert.match(approved.stderr, /^PROVED: this checkout makes the same archive, byte for byte$/m);
    assert.match(approved.stderr, /^rights +network none$/m);
    assert.match(
      approved.stderr,
      /nothing checks that the program was built from the builder's source/,
    );
    assert.match(approved.stdout, /^Approved instruction 1 for DLP 7/);

    const after = await runOnChain(chain, [...status, "--verify", ...audit]);
    assert.equal(after.code, 0, after.stdout);
    assert.match(after.stdout, /approved +yes, for DLP 7/);

    const revoke = ["revoke", "1", "--dlp", `${dlp}`, "--yes"];
    const revoked = await runOnChain(chain, revoke, { as: owner });
    assert.equal(revoked.code, 0, revoked.stderr);
    assert.equal((await runOnChain(chain, status)).code, 1);
  },
});

Deno.test({
  name: "an archive that was changed after its approval is caught by status --verify and approve",
  ignore,
  async fn() {
    const [archive, base] = [await sharedArchive(), await standInBase()];
    using folder = new TemporaryFolder({ prefix: "onchain-test-" });
    const tampered = folder.join("tampered.tar.gz");
    // What gzip ignores changes the archive's bytes and nothing of what is in it.
    Deno.copyFileSync(archive, tampered);
    Deno.writeFileSync(tampered, new Uint8Array(64), { append: true });
    await using chain = await LocalChain.start();
    await using server = new FileServer(tampered);
    const id = await chain.add({ sha256: hashFile(archive), url: server.url });
    const audit = ["--allow-http", "--base", base];
    const args = [`${id}`, "--dlp", `${chain.dlp}`, ...audit];

    const all = ["approve", ...args, "--yes", "--without-source", "--unproved"];
    const approve = await runOnChain(chain, all, { as: chain.owner });
    assert.equal(approve.code, 1);
    assert.match(approve.stderr, /^why +the archive's SHA-256 is .*; instruction 1 on .* says /m);
    assert.match(approve.stderr, /not approved: the archive differs/);
    assert.equal(await chain.sentBy(chain.owner), 0, "nothing was sent");

    await chain.approve(id);
    const status = await runOnChain(chain, ["status", ...args, "--verify", "--json"]);
    assert.equal(status.code, 1, status.stderr);
    const { approved, proof: { verdict } } = JSON.parse(status.stdout);
    assert.deepEqual({ approved, verdict }, { approved: true, verdict: "differs" });
  },
});

Deno.test({
  name: "an archive of which nothing can be told is approved and registered with --unproved only",
  ignore: !canRunEvm,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "onchain-test-" });
    const archive = folder.join("foreign.tar");
    Deno.writeFileSync(archive, makeBaseArchive(goodParts()));
    await using chain = await LocalChain.start();
    await using server = new FileServer(archive);
    const { builder, owner, dlp } = chain;
    const register = [
      "register",
      "--url",
      server.url,
      "--archive",
      archive,
      "--yes",
      "--allow-http",
    ];
    const refused = await runOnChain(chain, register, { as: builder });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^CAN'T TELL: /m);
    assert.match(refused.stderr, /Nothing was registered: can't tell whether/);
    const registered = await runOnChain(chain, [...register, "--unproved"], { as: builder });
    assert.equal(registered.code, 0, registered.stderr);

    const args = ["1", "--dlp", `${dlp}`, "--allow-http"];
    const approve = ["approve", ...args, "--yes", "--without-source"];
    const unapproved = await runOnChain(chain, approve, { as: owner });
    assert.equal(unapproved.code, 2);
    assert.match(unapproved.stderr, /is not approved: can't tell whether/);
    assert.equal(await chain.isApproved(1n), false);
    const approved = await runOnChain(chain, [...approve, "--unproved"], { as: owner });
    assert.equal(approved.code, 0, approved.stderr);
    assert.equal(await chain.isApproved(1n), true);
    const status = await runOnChain(chain, ["status", ...args, "--verify"]);
    assert.equal(status.code, 2, status.stdout);
    assert.match(status.stdout, /^CAN'T TELL: nothing is proved of this archive$/m);
  },
});

Deno.test({
  name: "the runtime of denort needs no flag where Deno's own download is the same",
  ignore: ignore || findTestRuntime() === undefined,
  async fn() {
    const [archive, base] = [await sharedArchive(), await standInBase()];
    using folder = new TemporaryFolder({ prefix: "onchain-test-" });
    const env = await withOwnRuntime(folder.path, Deno.readFileSync(findTestRuntime()!));
    await using chain = await LocalChain.start();
    await using server = new FileServer(archive);
    const register = [
      "register",
      "--url",
      server.url,
      "--archive",
      archive,
      "--yes",
      "--allow-http",
    ];
    const { code, stderr } = await runOnChain(chain, [...register, "--base", base], {
      as: chain.builder,
      env,
    });
    assert.equal(code, 0, stderr);
    assert.equal(await chain.count(), 1n);
  },
});
