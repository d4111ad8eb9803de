import assert from "node:assert/strict";
import { FaultyRpc } from "../support/faulty_rpc.ts";
import { runOnChain, SOME_INSTRUCTION, SOME_SHA256, testOnChain } from "../support/onchain.ts";
import { runTask } from "../support/run.ts";

testOnChain("status --json tells all that is known", async (chain) => {
  const id = await chain.add(SOME_INSTRUCTION);
  await chain.approve(id);
  const { code, stdout } = await runOnChain(chain, ["status", `${id}`, "--dlp", "7", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    network: "moksha",
    chainId: 14800,
    registry: chain.registry,
    id: "1",
    sha256: SOME_SHA256,
    owner: chain.builder.account.address,
    url: SOME_INSTRUCTION.url,
    dlp: "7",
    approved: true,
    approvedFor: ["7"],
  });
});

testOnChain("status of another DLP than the approving one exits with 1", async (chain) => {
  const id = await chain.add(SOME_INSTRUCTION);
  await chain.approve(id);
  const { code, stdout } = await runOnChain(chain, ["status", `${id}`, "--dlp", "8"]);
  assert.equal(code, 1);
  assert.match(stdout, /no, not for DLP 8/);
});

testOnChain("status without --dlp exits with 0 if any DLP approves", async (chain) => {
  const id = await chain.add(SOME_INSTRUCTION);
  assert.equal((await runOnChain(chain, ["status", `${id}`])).code, 1);
  await chain.approve(id);
  const { code, stdout } = await runOnChain(chain, ["status", `${id}`]);
  assert.equal(code, 0);
  assert.match(stdout, /yes, for DLP 7/);
});

testOnChain("status without --dlp doesn't count what was revoked", async (chain) => {
  const id = await chain.add(SOME_INSTRUCTION);
  await chain.approve(id);
  const args = [id, chain.dlp, false] as const;
  await chain.write(chain.owner, { functionName: "updateComputeInstruction", args });
  assert.equal((await runOnChain(chain, ["status", `${id}`])).code, 1);
});

testOnChain("status of an unknown id says so and exits with 2", async (chain) => {
  const { code, stderr } = await runOnChain(chain, ["status", "12", "--dlp", "7"]);
  assert.equal(code, 2);
  assert.match(stderr, /There is no instruction 12 in the registry .*, which has 0/);
});

testOnChain("status of the wrong chain's RPC says so and exits with 2", async (chain) => {
  const { code, stderr } = await runOnChain(chain, ["status", "1", "--network", "mainnet"]);
  assert.equal(code, 2);
  assert.match(stderr, /is of chain 14800, but Vana is chain 1480/);
});

testOnChain("status of an address without a contract says so and exits with 2", async (chain) => {
  const registry = chain.builder.account.address;
  const { code, stderr } = await runOnChain(chain, ["status", "1", "--registry", registry]);
  assert.equal(code, 2);
  assert.match(stderr, /There is no contract at 0x/);
});

testOnChain("status shows no terminal codes that somebody registered as a URL", async (chain) => {
  const id = await chain.add({ sha256: SOME_SHA256, url: "https://example.com/\x1b[2Japproved" });
  const { stdout } = await runOnChain(chain, ["status", `${id}`]);
  assert.match(stdout, /URL +https:\/\/example\.com\/\\u\{1b\}\[2Japproved/);
});

testOnChain("status --verify takes no file of this machine for the URL on-chain", async (chain) => {
  const id = await chain.add({ sha256: SOME_SHA256, url: "/etc/passwd" });
  const { code, stderr } = await runOnChain(chain, ["status", `${id}`, "--verify"]);
  assert.equal(code, 2);
  assert.match(stderr, /has no URL to audit, but \/etc\/passwd/);
});

testOnChain("status of an archive that can't be had exits with 2", async (chain) => {
  const id = await chain.add({ sha256: SOME_SHA256, url: "http://127.0.0.1:9/job.tar.gz" });
  await chain.approve(id);
  const args = ["status", `${id}`, "--verify", "--allow-http"];
  const { code, stderr } = await runOnChain(chain, args);
  assert.equal(code, 2);
  assert.match(stderr, /job\.tar\.gz can't be reached/);
});

testOnChain("status without --dlp exits with 2 where the RPC gives no events", async (chain) => {
  await chain.add(SOME_INSTRUCTION);
  await using rpc = new FaultyRpc(chain.url, { method: "eth_getLogs", reaches: false });
  const { code, stderr } = await runTask("status", ["1", "--rpc", rpc.url]);
  assert.equal(code, 2);
  assert.match(stderr, /Can't tell which DLPs it is approved for; ask about one with --dlp/);
});

Deno.test("status without an RPC names its host, and no credential of its URL", async () => {
  const rpc = "http://me:pass-word@127.0.0.1:9/v1/api-key?token=query-key";
  const { code, stderr } = await runTask("status", ["1", "--rpc", rpc]);
  assert.equal(code, 2);
  assert.match(stderr, /^error: The RPC 127\.0\.0\.1:9 can't be reached: /);
  assert.doesNotMatch(stderr, /pass-word|api-key|query-key/);
});

Deno.test("status refuses an RPC whose answers could be forged on the way", async () => {
  const { code, stderr } = await runTask("status", ["1", "--rpc", "http://example.com/key"]);
  assert.equal(code, 2);
  assert.match(stderr, /--rpc example\.com is not https/);
});

Deno.test("status of an unknown network names the known ones", async () => {
  const { code, stderr } = await runTask("status", ["1", "--network", "testnet"]);
  assert.equal(code, 2);
  assert.match(stderr, /expected moksha or mainnet/);
});

Deno.test("status without an id exits with 2, as it could tell nothing", async () => {
  const { code } = await runTask("status", []);
  assert.equal(code, 2);
});
