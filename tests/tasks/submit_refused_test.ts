/** Every reason for which a job would be refused is found before `submit` pays anything. */

import assert from "node:assert/strict";
import { type JobNetwork, PRICE, testWithJobs } from "../support/job_network.ts";
import { newPerson } from "../support/people.ts";

/** Runs a submit that must be refused before anything is sent, and returns what it says. */
async function refused(network: JobNetwork, ...args: string[]): Promise<string> {
  const { net } = network;
  const before = await net.sentBy(net.builder);
  const { code, stderr } = await network.submit(...args);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /The network would refuse the job, so nothing was sent:/);
  assert.equal(await net.sentBy(net.builder), before);
  return stderr;
}

testWithJobs("submit shows all reasons at once, each with what to do", async (network) => {
  const args = ["--instruction", "9", "--refiner", "8", "--gpu", "--deposit", "1000"];
  Deno.mkdirSync(network.output);
  const said = await refused(network, ...args);
  assert.match(
    said,
    /- There is no instruction 9 in .*\n {2}Give the id of a registered instruction/,
  );
  assert.match(said, /- There is no refiner 8 .*\n {2}Give the id of a registered refiner/);
  assert.match(
    said,
    /- No pool of TEEs takes jobs of 300 s with a GPU\n {2}Give another --max-time/,
  );
  assert.match(said, /doesn't cover a deposit of 1000 VANA\n {2}Deposit less/);
  assert.match(said, /- \S+out already exists and isn't replaced\n {2}Give another folder/);
});

testWithJobs(
  "submit finds an instruction that isn't approved for the refiner's DLP",
  async (network) => {
    const url = network.at("/job.tar.gz");
    const other = await network.net.addInstruction({ sha256: "5c".repeat(32), url });
    const said = await refused(network, "--instruction", `${other}`);
    assert.match(said, /Instruction 2 isn't approved for DLP 7, whose data refiner 1 holds/);
    assert.match(said, /deno task approve 2 --dlp DLP/);
    assert.match(said, /serves other bytes \(SHA-256 [0-9a-f]{64}\) than instruction 2 has/);
  },
);

testWithJobs("submit finds an archive that has changed or has gone", async (network) => {
  network.archive = "another archive";
  assert.match(await refused(network), /serves other bytes/);
  const gone = await network.net.addInstruction({ url: "ipfs://\x1b[2J" });
  assert.match(
    await refused(network, "--instruction", `${gone}`),
    /archive is "ipfs:\/\/\\u\{1b\}\[2J"; expected an https URL/,
  );
});

testWithJobs("submit finds columns that no permission covers", async (network) => {
  const { net, refiner } = network;
  await net.revoke(1n);
  await net.grant({ refiner, table: "users", column: "name" });
  const said = await refused(network, "--query", "SELECT name, locale FROM users");
  assert.match(said, /- No permission covers users\.locale\n/);
});

testWithJobs("submit finds a query that the schema doesn't have", async (network) => {
  assert.match(
    await refused(network, "--query", "SELECT x FROM absent"),
    /no such table: absent/,
  );
});

testWithJobs("submit finds a price that the balance doesn't cover", async (network) => {
  await network.net.grant({ refiner: network.refiner, price: 11n * PRICE });
  const said = await refused(network, "--deposit", "0.001");
  assert.match(said, /The query costs 0\.11 VANA; the account has 0\.101 VANA with the deposit/);
  assert.match(said, /Deposit more with --deposit/);
});

testWithJobs(
  "submit can't tell without the schema, unless the person doesn't mind",
  async (network) => {
    const { net } = network;
    const refiner = await net.addRefiner({ url: network.at("/job.tar.gz") });
    await net.grant({ refiner, price: PRICE });
    const args = ["--refiner", `${refiner}`];
    assert.match(
      await refused(network, ...args),
      /Can't tell whether the query is permitted/,
    );
    const { code, stderr } = await network.submit(...args, "--unchecked");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /warning: Can't tell whether the query is permitted/);
  },
);

testWithJobs("submit finds a pool without an active TEE", async (network) => {
  assert.match(
    await refused(network, "--max-time", "900"),
    /No TEE is active in the pool 0x\S+, to which jobs of 900 s go/,
  );
  await network.net.removeTee();
  assert.match(await refused(network), /No TEE is active/);
});

for (
  const [url, said] of [
    ["http://198.51.100.7", /198\.51\.100\.7\/ is plain http\. The signature that opens the job's/],
    ["http://127.0.0.1:9", /The Compute Engine http:\/\/127\.0\.0\.1:9 gave no answer: .*refused/],
    ["https://10.0.0.1", /leads to 10\.0\.0\.1, an address that isn't on the public internet/],
    [
      "ftp://example.com",
      /The TEE's URL on-chain is "ftp:\/\/example\.com"; expected the https URL/,
    ],
    ["https://me:secret@example.com", /The TEE's URL on-chain holds a password/],
    ["not a\x1b[2Jurl", /The TEE's URL on-chain is "not a\\u\{1b\}\[2Jurl"/],
  ] as const
) {
  testWithJobs(`submit refuses the TEE's URL ${JSON.stringify(url)}`, async (network) => {
    await network.net.addTee({ url, tee: newPerson(), pool: "persistent" });
    assert.match(await refused(network, "--max-time", "900"), said);
  });
}

testWithJobs("submit only warns of one unusable TEE among others", async (network) => {
  await network.net.addTee({ url: "http://198.51.100.7", tee: newPerson() });
  const { code, stderr } = await network.submit("--dry-run");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /warning: The job may come to a TEE that can't be used\. TEE 0x/);
});

testWithJobs("submit says what a paused ComputeEngine means", async (network) => {
  await network.net.pause("ComputeEngine");
  const { code, stderr } = await network.submit();
  assert.equal(code, 1, stderr);
  assert.match(stderr, /The ComputeEngine is paused/);
});

for (
  const [args, said] of [
    [["--query", " "], /The query is empty/],
    [["--query", "12"], /The query is a number, and not SQL\. Nothing was signed/],
    [["--params", "{}"], /The query's parameters aren't a JSON array; expected one like/],
    [["--deposit", "x"], /isn't an amount; expected one like 0.5/],
    [["--file", "nowhere.sql"], /Give --query or --file, not both/],
  ] as const
) {
  testWithJobs(`submit refuses ${args.join(" ")}`, async (network) => {
    const { code, stderr } = await network.submit(...args);
    assert.equal(code, 1, stderr);
    assert.match(stderr, said);
  });
}

testWithJobs("submit can't tell anything without the RPC", async (network) => {
  const { code, stderr } = await network.submit("--rpc", "http://127.0.0.1:9");
  assert.equal(code, 2, stderr);
  assert.equal(await network.jobs(), 0n);
});
