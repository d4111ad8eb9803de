/** Ten jobs of three owners at once: whose artifacts they are, and that the money adds up. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parseEther } from "viem";
import { admitByChain } from "../../../../tasks/lib/devnet/admit_query.ts";
import { chainLedger } from "../../../../tasks/lib/devnet/compute_engine/chain_ledger.ts";
import { startComputeEngine } from "../../../../tasks/lib/devnet/compute_engine/engine.ts";
import type { RunTask } from "../../../../tasks/lib/devnet/compute_engine/runs.ts";
import { startEngine } from "../../../../tasks/lib/engine/engine.ts";
import { computeEngine } from "../../../../tasks/lib/network/compute_engine.ts";
import { readDeposit } from "../../../../tasks/lib/network/funds.ts";
import { readPaid, submissionOf } from "../../../../tasks/lib/network/jobs.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { newPerson, type Person } from "../../../support/people.ts";
import { type TestNetwork, testOnNetwork } from "../../../support/test_network.ts";

const DDL = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);";
const DEPOSIT = parseEther("1");
const PRICE = parseEther("0.01") + 7n;
const JOBS = 10;

/** Asks a job's query, as the job does, and leaves its results as the artifact. */
async function runQuery(url: string, { id, input, output }: RunTask): Promise<void> {
  const headers = {
    "content-type": "application/json",
    "x-query-signature": input.querySignature,
  };
  const body = { query: input.query, params: [], refiner_id: 1, job_id: `${id}` };
  const asked = await fetch(`${url}/query`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  const { query_id, detail } = await asked.json();
  if (query_id === undefined) throw new Error(detail);
  for (;;) {
    const { query_status: status, query_results, detail } = await (await fetch(
      `${url}/query/${query_id}`,
      { headers },
    )).json();
    if (status === "failed") throw new Error(detail);
    if (status === "success") {
      const results = await (await fetch(query_results)).bytes();
      return Deno.writeFileSync(join(output, "results.db"), results);
    }
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** Submits a job, hands it in, and waits for its artifact. */
async function submit(
  net: TestNetwork,
  { url, owner, text }: { url: string; owner: Person; text: string },
): Promise<{ id: bigint; owner: Person; artifact: Uint8Array }> {
  const receipt = await net.wallet.write(owner.account, {
    ...computeEngine(net.network),
    functionName: "submitJob",
    args: [300n, false, 1n],
  });
  const { id } = submissionOf(net.network, receipt)!;
  const query = `SELECT '${text}' AS said, name FROM users`;
  const headers = {
    "x-job-id-signature": await owner.account.signMessage({ message: `${id}` }),
    "content-type": "application/json",
  };
  const query_signature = await owner.account.signMessage({ message: query });
  const posted = await fetch(`${url}/job/${id}`, {
    method: "POST",
    headers,
    body: JSON.stringify({ input: { query, query_signature, params: [], refiner_id: 1 } }),
  });
  assert.equal(posted.status, 200, await posted.text());
  for (;;) {
    const response = await fetch(`${url}/job/${id}`, { headers });
    const { status, artifacts, detail } = await response.json();
    assert.equal(response.status, 200, detail);
    if (status === "success") {
      const artifact = await fetch(`${url}/job/${id}/artifacts/${artifacts[0].id}`, { headers });
      return { id, owner, artifact: await artifact.bytes() };
    }
    assert.ok(["pending", "queued", "running"].includes(status), `job ${id}: ${status}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

testOnNetwork(
  "ten jobs of three owners at once: each gets its own, and the ledger balances",
  async (net) => {
    using folder = new TemporaryFolder({ prefix: "many-jobs-" });
    const database = folder.join("data.db");
    using db = new DatabaseSync(database);
    db.exec(`${DDL} INSERT INTO users VALUES (1, 'Ada')`);
    const definition = { name: "shop", version: "1", dialect: "sqlite", schema: DDL };
    await using definitions = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => Response.json(definition),
    );
    const { wallet, tee, network } = net;
    const queries = startEngine({
      database,
      folder: folder.path,
      admit: admitByChain(network, {
        wallet,
        account: net.queryEngine.account,
        databaseOf: () => database,
      }),
    });
    const runs = folder.join("runs");
    Deno.mkdirSync(runs);
    const engine = startComputeEngine({
      tee: tee.account.address,
      ledger: chainLedger(network, { wallet, tee: tee.account }),
      checkImage: () => Promise.resolve(true),
      run: (task) => runQuery(queries.url, task),
      folder: runs,
      atATime: 4,
    });
    try {
      const url = `http://127.0.0.1:${definitions.addr.port}/schema.json`;
      await net.grant({ refiner: await net.addRefiner({ url }), price: PRICE });
      await net.approve(await net.addInstruction());
      await net.addTee({ url: engine.url });
      const owners = [newPerson(), newPerson(), newPerson()];
      for (const owner of owners) {
        await wallet.fund(owner.account.address, 2n * DEPOSIT);
        await net.deposit(owner, DEPOSIT);
      }
      const networkBefore = await balanceOf(net, net.operator.account.address);

      const jobs = await Promise.all(Array.from({ length: JOBS }, (_, at) => {
        const owner = owners[at % owners.length]!;
        return submit(net, { url: engine.url, owner, text: `job ${at}` });
      }));

      assert.equal(new Set(jobs.map(({ id }) => id)).size, JOBS);
      for (const [at, { id, owner, artifact }] of jobs.entries()) {
        const path = folder.join(`${id}.db`);
        Deno.writeFileSync(path, artifact);
        using results = new DatabaseSync(path, { readOnly: true });
        const row = results.prepare("SELECT * FROM results").get();
        assert.deepEqual({ ...row }, { said: `job ${at}`, name: "Ada" });
        assert.equal(await readPaid(network, { job: id, dlp: net.dlp }), PRICE);
        const stranger = owners.find((other) => other !== owner)!;
        const signature = await stranger.account.signMessage({ message: `${id}` });
        const refused = await fetch(`${engine.url}/job/${id}/artifacts/1`, {
          headers: { "x-job-id-signature": signature },
        });
        assert.equal(refused.status, 403);
        await refused.body?.cancel();
      }

      let spent = 0n;
      for (const owner of owners) {
        const mine = jobs.filter((job) => job.owner === owner).length;
        const left = await readDeposit(network, owner.account.address);
        assert.equal(left, DEPOSIT - BigInt(mine) * PRICE);
        spent += DEPOSIT - left;
      }
      assert.equal(spent, BigInt(JOBS) * PRICE);
      const share = PRICE * 80n / 100n;
      const networkShare = await balanceOf(net, net.operator.account.address) - networkBefore;
      assert.equal(networkShare, BigInt(JOBS) * (PRICE - share));
      assert.equal(await dlpShare(net), BigInt(JOBS) * share);
    } finally {
      await engine.close();
      await queries.close();
    }
  },
);

async function balanceOf({ wallet }: TestNetwork, address: Person["account"]["address"]) {
  return await wallet.client.getBalance({ address });
}

/** What the DLP has earned. */
async function dlpShare({ wallet, deployment, dlp }: TestNetwork): Promise<bigint> {
  return await wallet.client.readContract({
    address: deployment.contracts.QueryEngine,
    abi: [{
      type: "function",
      name: "balanceOf",
      stateMutability: "view",
      inputs: [{ type: "uint256" }, { type: "address" }],
      outputs: [{ type: "uint256" }],
    }],
    functionName: "balanceOf",
    args: [dlp, "0x0000000000000000000000000000000000000000"],
  });
}
