/** What goes wrong on the way of a job, on the network of `rehearse`: what `submit` says, and where the money is. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parseEther, zeroAddress } from "viem";
import { exists } from "../../src/files.ts";
import { DEVNET_DLP } from "../../tasks/lib/devnet/chain.ts";
import { instructionRegistry } from "../../tasks/lib/network/instruction_registry.ts";
import { readInstruction } from "../../tasks/lib/network/instructions.ts";
import { queryEngine } from "../../tasks/lib/network/query_engine.ts";
import { canRunEvm } from "../support/evm.ts";
import { FaultyRpc } from "../support/faulty_rpc.ts";
import { newPerson } from "../support/people.ts";
import { RehearsedNetwork } from "../support/rehearsed_network.ts";

/** What `rehearse` lets a query cost, deposits, and pays for its own job. */
const PRICE = parseEther("0.01");
const DEPOSIT = parseEther("0.5");
const MONEY = parseEther("1000");
/** The share of a payment that the DLP gets. */
const DLP_SHARE = PRICE * 80n / 100n;
const LIMIT_SECONDS = "15";

/** A job that never ends if its query says so. */
const JOB = `
import { defineJob } from "../mod.ts";

export default defineJob({
  name: "rehearsed",
  async process({ results, artifacts }) {
    const [row] = results.query("SELECT * FROM results LIMIT 1");
    if (row?.name === "never ends") await new Promise((done) => setTimeout(done, 1e9));
    await artifacts.writeJson("first.json", row);
  },
});
`;

/** How a submission must end. */
interface Ending {
  /** Its options, after a sound query. */
  args?: string[];
  /** Its exit code. */
  code: number;
  /** What it says. */
  says: RegExp;
  /** What its job costs, in wei; `undefined`: no job is submitted. */
  costs?: bigint;
}

/** Submits a job that must fail: with its exit code and words, and with just the money gone that it costs. */
async function fails(net: RehearsedNetwork, { args = [], code, says, costs }: Ending) {
  const jobs = await net.jobs();
  const before = await net.balances();
  const ended = await net.submit("--query", "SELECT name FROM users", ...args);
  assert.equal(ended.code, code, ended.stderr);
  assert.match(ended.stderr, says);
  assert.equal(net.hasArtifacts, false, "there are no artifacts");
  const newJobs = costs === undefined ? 0n : 1n;
  assert.equal(await net.jobs() - jobs, newJobs);
  if (newJobs > 0n) assert.equal(await net.paid(jobs + 1n), costs);
  const { wallet, deposit, dlp, operator } = await net.balances();
  assert.equal(wallet, before.wallet);
  assert.equal(deposit, before.deposit - (costs ?? 0n));
  // What one has lost the others have got.
  assert.equal(dlp + operator + deposit, before.dlp + before.operator + before.deposit);
}

/** Approves the rehearsed instruction, or another, for the DLP, or takes that back. */
const decide = (net: RehearsedNetwork, instruction: bigint, approved: boolean) =>
  net.act("owner", {
    ...instructionRegistry(net.chain.network),
    functionName: "updateComputeInstruction",
    args: [instruction, DEVNET_DLP, approved],
  });

/** Grants everyone a permission; the id of the first one after the rehearsal is 2. */
const grant = (
  net: RehearsedNetwork,
  { table = "", column = "", price }: { table?: string; column?: string; price: bigint },
) =>
  net.act("owner", {
    ...queryEngine(net.chain.network),
    functionName: "addPermission",
    args: [zeroAddress, 1n, table, column, zeroAddress, price],
  });

/** Lets a permission stand, or revokes it. */
const permit = (net: RehearsedNetwork, permission: bigint, approved: boolean) =>
  net.act("owner", {
    ...queryEngine(net.chain.network),
    functionName: "updatePermissionApproval",
    args: [permission, approved],
  });

/** The faults, each of which is repaired for the next one. */
const FAULTS: Record<string, (net: RehearsedNetwork) => Promise<void>> = {
  async "no TEE"(net) {
    const tee = await net.tee();
    await net.removeTee(tee);
    await fails(net, { code: 1, says: /No TEE is active in the pool 0x/ });
    await net.addTee(tee);
  },

  async "no TEE any more when the job is submitted"(net) {
    const tee = await net.tee();
    await using rpc = new FaultyRpc(net.chain.devnet.rpc, async ({ method }) => {
      if (method === "eth_sendRawTransaction") await net.removeTee(tee);
      return undefined;
    });
    await fails(net, {
      args: ["--query", "SELECT name FROM users LIMIT 1", "--rpc", rpc.url],
      code: 2,
      says: /No TEE has taken job 2: the pool 0x\S+ has no active TEE/,
      costs: 0n,
    });
    await net.addTee(tee);
  },

  async "another TEE with the engine's URL"(net) {
    const tee = await net.tee();
    const other = { ...tee, address: newPerson().account.address };
    await net.removeTee(tee);
    await net.addTee(other);
    await fails(net, {
      args: ["--query", "SELECT name FROM users LIMIT 2"],
      code: 3,
      says: /answered 403: Job assigned to other TEE '0x/,
      costs: 0n,
    });
    await net.removeTee(other);
    await net.addTee(tee);
  },

  async "a TEE with another URL than its engine's"(net) {
    const tee = await net.tee();
    await net.removeTee(tee);
    await net.addTee({ ...tee, url: `${tee.url}/` });
    await fails(net, {
      args: ["--query", "SELECT name FROM users LIMIT 3"],
      code: 3,
      says: /answered 403: On-chain TEE url does not match our URL/,
      costs: 0n,
    });
    await net.removeTee(tee);
    await net.addTee(tee);
  },

  async "an instruction that isn't approved"(net) {
    await decide(net, 1n, false);
    await fails(net, { code: 1, says: /Instruction 1 isn't approved for DLP 1/ });
    await decide(net, 1n, true);
  },

  async "an image that doesn't have its SHA-256"(net) {
    const { url } = await readInstruction(net.chain.network, 1n);
    await net.act("builder", {
      ...instructionRegistry(net.chain.network),
      functionName: "addComputeInstruction",
      args: [`0x${"5c".repeat(32)}`, url],
    });
    await decide(net, 2n, true);
    await fails(net, {
      args: ["--instruction", "2"],
      code: 1,
      says: /serves other bytes \(SHA-256 [0-9a-f]{64}\) than instruction 2 has/,
    });
  },

  async "a column without a permission"(net) {
    await permit(net, 1n, false);
    await grant(net, { table: "users", column: "name", price: PRICE });
    await fails(net, {
      args: ["--query", "SELECT name, locale FROM users"],
      code: 1,
      says: /No permission covers users\.locale/,
    });
    await permit(net, 2n, false);
    await permit(net, 1n, true);
  },

  async "too little money"(net) {
    await grant(net, { price: DEPOSIT });
    await fails(net, {
      code: 1,
      says: /The query costs 0\.5 VANA; the account has 0\.49 VANA/,
    });
    await permit(net, 3n, false);
  },

  async "too little money once the query is run"(net) {
    await using rpc = new FaultyRpc(net.chain.devnet.rpc, async ({ method }) => {
      if (method === "eth_sendRawTransaction") await grant(net, { price: DEPOSIT });
      return undefined;
    });
    await fails(net, {
      args: ["--query", "SELECT name FROM users LIMIT 4", "--rpc", rpc.url],
      code: 3,
      says: /failed with the status query_failed: .*too little in the ComputeEngine/,
      costs: 0n,
    });
    await permit(net, 4n, false);
  },

  async "a query that fails"(net) {
    await fails(net, {
      args: ["--query", "SELECT abs(-9223372036854775807 - 1) AS name FROM users"],
      code: 3,
      says: /failed with the status query_failed: .*integer overflow/,
      costs: 0n,
    });
  },

  async "a job that never ends"(net) {
    await fails(net, {
      args: ["--query", "SELECT 'never ends' AS name FROM users", "--max-time", LIMIT_SECONDS],
      code: 3,
      says: /failed: The job took longer than 15 s/,
      costs: PRICE,
    });
  },
};

Deno.test({
  name: "each fault after a rehearsal ends as submit's exit codes say, and the money adds up",
  ignore: !canRunEvm,
  // A connection and its timers last as long as the task's process.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn(test) {
    await using net = await RehearsedNetwork.start(JOB);
    for (const [name, fn] of Object.entries(FAULTS)) await test.step(name, () => fn(net));

    await test.step("the money adds up in the end", async () => {
      const { wallet, deposit, dlp, operator } = await net.balances();
      assert.equal(wallet, MONEY - DEPOSIT);
      // The rehearsal's own job was paid, and the one that never ends.
      assert.equal(deposit, DEPOSIT - 2n * PRICE);
      assert.equal(dlp, 2n * DLP_SHARE);
      assert.equal(operator, MONEY + 2n * (PRICE - DLP_SHARE));
    });

    await test.step("--keep leaves the network and the files until Ctrl-C", async () => {
      assert.ok(exists(join(net.folder, "artifacts/first.json")));
      assert.deepEqual(await net.stop(), { code: 0, left: [] });
    });
  },
});
