/** What `status` says of the jobs that are approved, from the archives at their URLs. */

import assert from "node:assert/strict";
import { hashBytes, hashFile } from "../../tasks/lib/hash.ts";
import { FileServer } from "../support/file_server.ts";
import { runOnChain, SOME_INSTRUCTION, SOME_SHA256, testOnChain } from "../support/onchain.ts";
import { SmallArchive } from "../support/small_archive.ts";

testOnChain(
  "status --dlp names the job, rights and source of what is approved, or says why not",
  async (chain) => {
    using small = await SmallArchive.make();
    await using server = new FileServer(small.path);
    const ids = [
      await chain.add({ sha256: hashFile(small.path), url: server.url }),
      await chain.add({ sha256: SOME_SHA256, url: server.url }),
      await chain.add({ sha256: SOME_SHA256, url: "/etc/passwd" }),
      await chain.add({ sha256: SOME_SHA256, url: "https://10.0.0.1/job.tar.gz" }),
      await chain.add({ sha256: SOME_SHA256, url: "https://nothing.invalid/job.tar.gz" }),
    ];
    for (const id of ids) await chain.approve(id);
    const { code, stdout, stderr } = await runOnChain(chain, [
      "status",
      "--dlp",
      "7",
      "--allow-http",
    ]);
    assert.equal(code, 0, stderr);
    const parts = stdout.split(/^(?=Instruction )/m).slice(1);
    assert.equal(parts.length, 5);
    const [unresolved, inner, file, other, good] = parts as [
      string,
      string,
      string,
      string,
      string,
    ];
    assert.match(good, /^ {2}job {7}small-job, as its labels say$/m);
    assert.match(good, /^ {2}rights {4}network data\.example\.org:443$/m);
    assert.match(good, /^ {2}source {4}https:\/\/.*, no commit/m);
    assert.match(other, /job {7}unknown: its URL serves an archive with another SHA-256/);
    assert.match(file, /job {7}unknown: its URL isn't valid/);
    assert.match(
      inner,
      /job {7}unknown: .*10\.0\.0\.1, an address that isn't on the public internet/,
    );
    assert.match(unresolved, /job {7}unknown: .*doesn't resolve/);
    assert.match(stderr, /Labels are claims/);

    const one = await runOnChain(chain, [
      "status",
      `${ids[0]}`,
      "--dlp",
      "7",
      "--allow-http",
      "--json",
    ]);
    const { name, network } = JSON.parse(one.stdout).job;
    assert.deepEqual({ name, network }, { name: "small-job", network: "data.example.org:443" });
  },
);

testOnChain("status downloads no more than the newest 20 archives", async (chain) => {
  for (let count = 0; count < 21; count++) await chain.approve(await chain.add(SOME_INSTRUCTION));
  const { stdout } = await runOnChain(chain, ["status", "--dlp", "7"]);
  const notRead = [...stdout.matchAll(/job {7}unknown: not read: only the newest 20/g)];
  assert.equal(notRead.length, 1);
});

testOnChain(
  "status shows no terminal codes of a label, and reads a file that is no archive",
  async (chain) => {
    const file = Deno.makeTempFileSync();
    Deno.writeTextFileSync(file, "no archive\x1b[2J");
    await using server = new FileServer(file);
    const id = await chain.add({ sha256: hashBytes("no archive\x1b[2J"), url: server.url });
    const { stdout } = await runOnChain(chain, ["status", `${id}`, "--allow-http"]);
    assert.match(stdout, /job {7}unknown: The archive can't be read as a tar/);
    assert.ok(!stdout.includes("\x1b"));
    Deno.removeSync(file);
  },
);
