import assert from "node:assert/strict";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { FaultyRpc, lost } from "../support/faulty_rpc.ts";
import { runOnChain, SOME_INSTRUCTION, SOME_SHA256, testOnChain } from "../support/onchain.ts";
import type { LocalChain } from "../support/evm.ts";
import { newPerson } from "../support/people.ts";
import { type Outcome, runTask } from "../support/run.ts";

const SOME_ADDRESS = "0x5786B12b4c6Ba2bFAF0e77Ed30Bf6d32805563A5";

/** Runs status with addresses of one's own. */
async function statusWith(chain: LocalChain, contracts: unknown): Promise<Outcome> {
  using folder = new TemporaryFolder({ prefix: "contracts-test-" });
  const file = folder.join("contracts.json");
  Deno.writeTextFileSync(file, JSON.stringify(contracts));
  return await runOnChain(chain, ["status", "1", "--contracts", file]);
}

testOnChain("status --json tells all that is known", async (chain) => {
  const id = await chain.add(SOME_INSTRUCTION);
  await chain.approve(id);
  const { code, stdout } = await runOnChain(chain, ["status", `${id}`, "--dlp", "7", "--json"]);
  assert.equal(code, 0);
  const { job, ...status } = JSON.parse(stdout);
  assert.equal(typeof job.unknown, "string");
  assert.deepEqual(status, {
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
  assert.match(
    stderr,
    /There is no instruction 12 in the ComputeInstructionRegistry 0x\w+ .*, which has 0/,
  );
});

testOnChain("status of the wrong chain's RPC says so and exits with 2", async (chain) => {
  const { code, stderr } = await runOnChain(chain, ["status", "1", "--network", "mainnet"]);
  assert.equal(code, 2);
  assert.match(stderr, /is of chain 14800, but Vana is chain 1480/);
});

testOnChain("status of an address without a contract says so and exits with 2", async (chain) => {
  const { address } = chain.builder.account;
  const { code, stderr } = await statusWith(chain, { ComputeInstructionRegistry: address });
  assert.equal(code, 2);
  assert.match(stderr, new RegExp(`There is no contract at ${address} on Vana Moksha Testnet`));
});

testOnChain("status of another contract says so and exits with 2", async (chain) => {
  const address = newPerson().account.address;
  // It answers any call with nothing.
  await chain.client.setCode({ address, bytecode: "0x00" });
  const { code, stderr } = await statusWith(chain, { ComputeInstructionRegistry: address });
  assert.equal(code, 2);
  assert.match(stderr, /has no function isValidInstructionId; is it another contract\?/);
});

for (
  const [contracts, message] of [
    [{ Registry: SOME_ADDRESS }, /"Registry" isn't a known contract; expected one of ComputeInstr/],
    [{ QueryEngine: "0x12" }, /QueryEngine is "0x12"; expected an address/],
    // A capital letter that its checksum doesn't have.
    [{ QueryEngine: SOME_ADDRESS.replace("B", "b") }, /QueryEngine is .*as its checksum asks/],
    [[], /isn't a JSON object with addresses of ComputeInstructionRegistry/],
  ] as const
) {
  testOnChain(`status --contracts with ${JSON.stringify(contracts)} is refused`, async (chain) => {
    const { code, stderr } = await statusWith(chain, contracts);
    assert.equal(code, 2);
    assert.match(stderr, /^error: Can't use --contracts .*contracts\.json: /);
    assert.match(stderr, message);
  });
}

testOnChain("status shows no terminal codes that were registered as a URL", async (chain) => {
  const id = await chain.add({ sha256: SOME_SHA256, url: "https://example.com/\x1b[2Japproved" });
  const { stdout } = await runOnChain(chain, ["status", `${id}`]);
  assert.match(stdout, /URL +https:\/\/example\.com\/\\u\{1b\}\[2Japproved/);
});

testOnChain("status --dlp without an id lists what the DLP approves", async (chain) => {
  const ids: bigint[] = [];
  for (let count = 0; count < 5; count++) {
    ids.push(await chain.add({ ...SOME_INSTRUCTION, url: `https://example.com/${count}` }));
  }
  const none = await runOnChain(chain, ["status", "--dlp", "7"]);
  assert.equal(none.code, 1, none.stderr);
  assert.match(none.stdout, /^DLP 7 on Vana Moksha Testnet .* approves 0 instructions of 5$/m);
  for (const id of [ids[1]!, ids[3]!]) await chain.approve(id);
  const { code, stdout } = await runOnChain(chain, ["status", "--dlp", "7"]);
  assert.equal(code, 0);
  assert.deepEqual(stdout.match(/^Instruction \d+$/gm), ["Instruction 4", "Instruction 2"]);
  assert.match(stdout, /URL +https:\/\/example\.com\/3$/m);
});

testOnChain("status --dlp --json lists what the DLP approves", async (chain) => {
  await chain.approve(await chain.add(SOME_INSTRUCTION));
  const { code, stdout } = await runOnChain(chain, ["status", "--dlp", "7", "--json"]);
  assert.equal(code, 0);
  const { approved: [{ job, ...approved }], ...list } = JSON.parse(stdout);
  assert.equal(typeof job.unknown, "string");
  assert.deepEqual({ ...list, approved: [approved] }, {
    network: "moksha",
    chainId: 14800,
    registry: chain.registry,
    dlp: "7",
    approved: [{ ...SOME_INSTRUCTION, id: "1", owner: chain.builder.account.address }],
    lookedAt: 1,
    more: false,
  });
});

testOnChain("status names the command that approves, where nothing is approved", async (chain) => {
  const id = await chain.add(SOME_INSTRUCTION);
  const { stderr } = await runOnChain(chain, ["status", `${id}`, "--dlp", "7"]);
  assert.match(stderr, /Next: .*`deno task approve 1 --dlp 7 --network moksha/);
});

testOnChain("status --verify takes no file of this machine for the URL on-chain", async (chain) => {
  const id = await chain.add({ sha256: SOME_SHA256, url: "/etc/passwd" });
  const { code, stderr } = await runOnChain(chain, ["status", `${id}`, "--verify"]);
  assert.equal(code, 2);
  assert.match(stderr, /has no URL to get an archive from, but \/etc\/passwd/);
});

testOnChain("status of an archive that isn't available exits with 2", async (chain) => {
  const id = await chain.add({ sha256: SOME_SHA256, url: "http://127.0.0.1:9/job.tar.gz" });
  await chain.approve(id);
  const args = ["status", `${id}`, "--verify", "--allow-http"];
  const { code, stderr } = await runOnChain(chain, args);
  assert.equal(code, 2);
  assert.match(stderr, /job\.tar\.gz can't be reached/);
});

testOnChain("status without --dlp exits with 2 where the RPC gives no events", async (chain) => {
  await chain.add(SOME_INSTRUCTION);
  await using rpc = new FaultyRpc(chain.url, lost("eth_getLogs"));
  const { code, stderr } = await runTask("status", ["1", "--rpc", rpc.url]);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /doesn't give the events that name the DLPs of instruction 1; ask about one DLP/,
  );
});

Deno.test("status without an RPC names its origin, and no credential of its URL", async () => {
  const rpc = "http://me:pass-word@127.0.0.1:9/v1/api-key?token=query-key";
  const { code, stderr } = await runTask("status", ["1", "--rpc", rpc]);
  assert.equal(code, 2);
  assert.match(stderr, /^error: The RPC http:\/\/127\.0\.0\.1:9 can't be reached: /);
  assert.doesNotMatch(stderr, /pass-word|api-key|query-key/);
});

Deno.test("status refuses an RPC whose answers could be forged on the way", async () => {
  const { code, stderr } = await runTask("status", ["1", "--rpc", "http://example.com/key"]);
  assert.equal(code, 2);
  assert.match(stderr, /The URL of the RPC at example\.com isn't https/);
});

Deno.test("status of an unknown network names the known ones", async () => {
  const { code, stderr } = await runTask("status", ["1", "--network", "testnet"]);
  assert.equal(code, 2);
  assert.match(stderr, /Allowed choices are moksha, mainnet/);
});

for (const text of ["abc", "0", "-1", "1.5", "0x12", `0x${"5c".repeat(31)}`]) {
  Deno.test(`status ${text} is refused before the network is asked`, async () => {
    // An RPC that can't be reached.
    const args = ["--rpc", "http://127.0.0.1:9", "--", text];
    const { code, stderr } = await runTask("status", args);
    assert.equal(code, 2);
    assert.match(stderr, /expected a whole number above 0, or a transaction's hash/);
  });
}

Deno.test("status without an id or a DLP exits with 2", async () => {
  const { code } = await runTask("status", []);
  assert.equal(code, 2);
});
