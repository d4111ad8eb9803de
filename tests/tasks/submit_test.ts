/** `deno task submit`: from a query to artifacts on this disk, against contracts on a local EVM. */

import assert from "node:assert/strict";
import { outcomeOf } from "../support/run.ts";
import { PRICE, testWithJobs, TWO_FILES } from "../support/job_network.ts";

testWithJobs("submit pays once, and puts artifacts and checksums in place", async (network) => {
  const { code, stdout, stderr } = await network.submit("--logs");
  assert.equal(code, 0, stderr);
  assert.deepEqual(network.files(), TWO_FILES);
  const sums = Deno.readTextFileSync(`${network.output}.SHA256SUMS`);
  assert.match(sums, /^[0-9a-f]{64} {2}out\/by_day\/1\.json\n[0-9a-f]{64} {2}out\/report\.csv\n$/);
  assert.match(stdout, /report\.csv {2}10 bytes/);
  assert.match(stderr, /Job 1 cost 0\.01 VANA/);
  assert.match(stderr, /^ {2}\| writing$/m);
  assert.deepEqual(await network.payments(), [PRICE]);
});

testWithJobs(
  "submit hands over the query, its params and its signature as given",
  async (network) => {
    const query = "\n SELECT name FROM users WHERE locale = ?;\n";
    const args = ["--query", query, "--params", '[ "de", 9007199254740992 ]'];
    const { code, stderr } = await network.submit(...args);
    assert.equal(code, 0, stderr);
    const [input] = network.inputs;
    assert.equal(input?.query, query);
    assert.deepEqual(input?.params, ["de", 9007199254740992]);
    const { account } = network.net.builder;
    assert.equal(input?.querySignature, await account.signMessage({ message: query }));
  },
);

for (const layout of ["none", "publicKey"] as const) {
  testWithJobs(`submit reads refiners of the layout ${layout}`, async (network) => {
    const { code, stderr } = await network.submit();
    assert.equal(code, 0, stderr);
    assert.deepEqual(network.files(), TWO_FILES);
  }, { layout });
}

testWithJobs(
  "the same submit again pays nothing, and gets lost artifacts again",
  async (network) => {
    await network.submit();
    const again = await network.submit();
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, /Job 1 already ran with the same input: nothing is sent or paid/);
    Deno.removeSync(network.output, { recursive: true });
    const lost = await network.submit("--params", "[ ]");
    assert.equal(lost.code, 0, lost.stderr);
    assert.deepEqual(network.files(), TWO_FILES);
    assert.equal(await network.jobs(), 1n);
    assert.equal(network.count("POST", /^\/job\/1$/), 1);
  },
);

testWithJobs("--again submits what has ended once more", async (network) => {
  await network.submit();
  const { code, stderr } = await network.submit("--again", "--output", `${network.output}-2`);
  assert.equal(code, 0, stderr);
  assert.equal(await network.jobs(), 2n);
  assert.deepEqual(await network.payments(2n), [PRICE]);
});

testWithJobs(
  "two of the same submit at once pay once, and both have the artifacts",
  async (network) => {
    const both = [network.spawnSubmit(), network.spawnSubmit()];
    for (const { code, stderr } of await Promise.all(both.map(outcomeOf))) {
      assert.equal(
        code,
        0,
        stderr,
      );
    }
    assert.equal(await network.jobs(), 1n);
    assert.deepEqual(await network.payments(), [PRICE]);
  },
);

testWithJobs("two different submits at once are sent one after the other", async (network) => {
  const one = network.spawnSubmit();
  const two = network.spawnSubmit("--params", '["de"]', "--output", `${network.output}-2`);
  for (const { code, stderr } of await Promise.all([one, two].map(outcomeOf))) {
    assert.equal(code, 0, stderr);
  }
  assert.equal(await network.jobs(), 2n);
});

testWithJobs("--deposit goes with the job, and pays for it", async (network) => {
  const { net } = network;
  const poor = await network.submit("--deposit", "0.005", "--query", "SELECT locale FROM users");
  assert.equal(poor.code, 0, poor.stderr);
  await net.grant({ refiner: network.refiner, price: 20n * PRICE });
  const before = await net.sentBy(net.builder);
  const refused = await network.submit("--output", `${network.output}-2`);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /The query costs 0\.2 VANA; the account has 0\.095 VANA in/);
  assert.equal(await net.sentBy(net.builder), before);
});

testWithJobs("--dry-run checks and simulates, and sends nothing", async (network) => {
  const { net } = network;
  const before = await net.sentBy(net.builder);
  const { code, stderr } = await network.submit("--dry-run");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Dry run: it would work; nothing was sent/);
  assert.equal(await net.sentBy(net.builder), before);
});

testWithJobs("without --yes and a terminal nothing is sent", async (network) => {
  const submit = ["--instruction", "1", "--refiner", "1", "--query", "SELECT name FROM users"];
  const asked = await outcomeOf(network.spawn("submit", submit));
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /there is no terminal to ask on/);
  assert.equal(await network.jobs(), 0n);
});

testWithJobs(
  "what is written down holds no signature, and others can't read it",
  async (network) => {
    await network.submit();
    const { account } = network.net.builder;
    const secrets = await Promise.all(
      ["1", "SELECT name FROM users"].map((message) => account.signMessage({ message })),
    );
    const [path = ""] = network.records().filter((name) => name.endsWith(".json"));
    const text = Deno.readTextFileSync(path);
    for (const secret of secrets) assert.ok(!text.includes(secret.slice(2)));
    assert.equal(Deno.statSync(path).mode! & 0o777, 0o600);
  },
);
