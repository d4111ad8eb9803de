/** What `deno task permissions` lists, grants and revokes. */

import assert from "node:assert/strict";
import { parseEther } from "viem";
import { printable } from "../../src/printable.ts";
import { allPermissions, type Permission } from "../../tasks/lib/network/permissions.ts";
import { FaultyRpc, lost } from "../support/faulty_rpc.ts";
import { runOnChain } from "../support/onchain.ts";
import { newPerson, type Person } from "../support/people.ts";
import type { Outcome } from "../support/run.ts";
import { type TestNetwork, testOnNetwork } from "../support/test_network.ts";

const ZERO = "0x0000000000000000000000000000000000000000";

/** Runs it for refiner 1, as its owner. */
async function permissions(
  net: TestNetwork,
  args: string[],
  as: Person = net.owner,
): Promise<Outcome> {
  return await runOnChain(net, ["permissions", "1", ...args], { as });
}

async function listed(net: TestNetwork): Promise<Permission[]> {
  return (await allPermissions(net.network, 1n)).permissions;
}

testOnNetwork("permissions lists who may query what at what price, newest first", async (net) => {
  const refiner = await net.addRefiner({ name: "Drive" });
  await net.addRefiner();
  const grantee = net.builder;
  await net.grant({ refiner, grantee, table: "users", column: "email", price: parseEther("0.01") });
  await net.grant({ refiner, table: "users" });
  await net.grant({ refiner: 2n });
  await net.grant({ refiner, grantee });
  await net.revoke(4n);
  const { code, stdout } = await runOnChain(net, ["permissions", "1"]);
  assert.equal(code, 0);
  const { address } = grantee.account;
  assert.equal(
    stdout,
    `Refiner 1 on Vana Moksha Testnet (chain 14800)
  name   Drive
  DLP    7
  owner  ${net.owner.account.address}

Permission 4, revoked
  who    ${address}
  what   all tables
  price  nothing

Permission 2
  who    everyone
  what   table users
  price  nothing

Permission 1
  who    ${address}
  what   column email of table users
  price  0.01 VANA
`,
  );
});

testOnNetwork("permissions --json has every permission's fields", async (net) => {
  const refiner = await net.addRefiner({ name: "Drive" });
  await net.grant({ refiner, table: "users", price: 5n });
  const { code, stdout } = await runOnChain(net, ["permissions", "1", "--json"]);
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), {
    network: "moksha",
    chainId: 14800,
    queryEngine: net.deployment.contracts.QueryEngine,
    refiner: { id: "1", dlp: "7", owner: net.owner.account.address, name: "Drive" },
    permissions: [{
      id: "1",
      grantee: null,
      table: "users",
      column: "",
      price: "5",
      token: ZERO,
      approved: true,
    }],
    lookedAt: 1,
    more: false,
  });
});

testOnNetwork("permissions says that a refiner has none", async (net) => {
  await net.addRefiner();
  const { code, stdout } = await runOnChain(net, ["permissions", "1"]);
  assert.equal(code, 0);
  assert.match(stdout, /There are no permissions, so no account may query it/);
});

testOnNetwork("permissions of an unknown refiner can't tell", async (net) => {
  const { code, stderr } = await runOnChain(net, ["permissions", "3"]);
  assert.equal(code, 2);
  assert.match(stderr, /There is no refiner 3/);
});

testOnNetwork("permissions --grant lets an account query a column at a price", async (net) => {
  await net.addRefiner();
  const { address } = net.builder.account;
  const scope = ["--table", "users", "--column", "email", "--price", "0.01"];
  const { code, stdout, stderr } = await permissions(net, ["--grant", address, ...scope, "--yes"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Granted \(transaction 0x\w{64}, block \d+\)$/m);
  assert.deepEqual(await listed(net), [{
    id: 1n,
    refiner: 1n,
    grantee: address,
    table: "users",
    column: "email",
    price: parseEther("0.01"),
    token: ZERO,
    approved: true,
  }]);
});

testOnNetwork("permissions --grant everyone lets everyone query all, in a token", async (net) => {
  await net.addRefiner();
  const token = await net.addToken({ decimals: 6 });
  const args = ["--grant", "everyone", "--price", "2", "--token", token, "--yes"];
  const { code, stderr } = await permissions(net, args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Grant to everyone: all tables of refiner 1, for 2 TEST \(0x\w{40}\)/);
  const [granted] = await listed(net);
  assert.deepEqual([granted?.grantee, granted?.price], [undefined, 2_000_000n]);
});

testOnNetwork("permissions --grant of what stands already sends nothing", async (net) => {
  const refiner = await net.addRefiner();
  await net.grant({ refiner, table: "users", price: parseEther("1") });
  const same = ["--grant", "everyone", "--table", "users", "--price", "1", "--yes"];
  const { code, stderr } = await permissions(net, same);
  assert.equal(code, 0);
  assert.match(stderr, /Permission 1 is the same and is still valid: nothing to send/);
  const dearer = ["--grant", "everyone", "--table", "users", "--price", "2", "--yes"];
  assert.equal((await permissions(net, dearer)).code, 0);
  assert.equal((await listed(net)).length, 2);
});

testOnNetwork("permissions --revoke revokes, once", async (net) => {
  const refiner = await net.addRefiner();
  await net.grant({ refiner });
  const { code, stdout, stderr } = await permissions(net, ["--revoke", "1", "--yes"]);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Revoked permission 1 /m);
  assert.equal((await listed(net))[0]?.approved, false);
  const again = await permissions(net, ["--revoke", "1", "--yes"]);
  assert.equal(again.code, 0);
  assert.match(again.stderr, /Permission 1 is already revoked: nothing to send/);
});

testOnNetwork("permissions by another account than the refiner's owner says so", async (net) => {
  const refiner = await net.addRefiner();
  await net.grant({ refiner });
  for (const change of [["--grant", "everyone", "--price", "0"], ["--revoke", "1"]]) {
    const { code, stderr } = await permissions(net, [...change, "--yes"], net.builder);
    assert.equal(code, 1);
    const { address } = net.builder.account;
    assert.match(stderr, new RegExp(`account ${address} isn't the owner of the refiner`));
  }
  assert.equal(await net.sentBy(net.builder), 0);
});

testOnNetwork("permissions --revoke of another refiner's permission is refused", async (net) => {
  await net.addRefiner();
  await net.grant({ refiner: await net.addRefiner() });
  const { code, stderr } = await permissions(net, ["--revoke", "1", "--yes"]);
  assert.equal(code, 1);
  assert.match(stderr, /Permission 1 is for refiner 2, not for refiner 1/);
});

testOnNetwork(
  "permissions --revoke of an unknown permission says how many there are",
  async (net) => {
    await net.addRefiner();
    const { code, stderr } = await permissions(net, ["--revoke", "5", "--yes"]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no permission 5 in the QueryEngine .*, which has 0/);
  },
);

for (
  const [args, words] of [
    [["--grant", "everyone"], /--grant needs --price/],
    [["--grant", "everyone", "--column", "email", "--price", "1"], /needs the name of its table/],
    [["--grant", ZERO, "--price", "1"], /expected an account, or everyone/],
    [["--grant", "0x12", "--price", "1"], /expected an address: 0x and 40/],
    [["--grant", "everyone", "--price", "free"], /"free" isn't an amount/],
    [["--table", "users"], /need --grant/],
    [["--revoke", "1", "--grant", "everyone"], /cannot be used with/],
  ] as const
) {
  testOnNetwork(`permissions ${args.join(" ").slice(0, 60)} is refused in words`, async (net) => {
    await net.addRefiner();
    const { code, stderr } = await permissions(net, [...args, "--yes"]);
    assert.notEqual(code, 0);
    assert.match(stderr, words);
    assert.equal((await listed(net)).length, 0);
  });
}

testOnNetwork("permissions --unsigned prints a transaction that grants", async (net) => {
  await net.addRefiner();
  const args = ["permissions", "1", "--grant", "everyone", "--price", "1", "--unsigned"];
  const { code, stdout } = await runOnChain(net, args);
  assert.equal(code, 0);
  const { to, data } = JSON.parse(stdout);
  await net.wallet.client.impersonateAccount({ address: net.owner.account.address });
  const hash = await net.wallet.client.sendUnsignedTransaction({
    from: net.owner.account.address,
    to,
    data,
  });
  await net.wallet.client.waitForTransactionReceipt({ hash });
  assert.equal((await listed(net)).length, 1);
});

testOnNetwork("permissions --dry-run grants nothing", async (net) => {
  await net.addRefiner();
  const args = ["--grant", "everyone", "--price", "1", "--dry-run"];
  const { code, stderr } = await permissions(net, args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /nothing was sent/);
  assert.equal((await listed(net)).length, 0);
});

testOnNetwork("permissions whose transaction may be lost can't tell", async (net) => {
  await net.addRefiner();
  await using rpc = new FaultyRpc(net.url, lost("eth_sendRawTransaction"));
  const args = ["--grant", "everyone", "--price", "1", "--yes", "--rpc", rpc.url];
  const { code, stderr } = await permissions(net, args);
  assert.equal(code, 2);
  assert.match(stderr, /look it up with `deno task permissions 1 --network moksha/);
});

testOnNetwork("names in permissions reach the terminal cleaned and cut", async (net) => {
  const refiner = await net.addRefiner({ name: `\x1b[31m${"x".repeat(500)}` });
  await net.grant({ refiner, table: "a\nb\u202e", column: "c".repeat(500) });
  const { code, stdout } = await runOnChain(net, ["permissions", "1"]);
  assert.equal(code, 0);
  assert.equal(stdout, printable(stdout, "\n"), "all of it is safe to print");
  assert.match(stdout, /^ {2}name {3}\\u\{1b\}\[31mx{195}…$/m);
  assert.match(stdout, /^ {2}what {3}column c{200}… of table a\\nb\\u\{202e\}$/m);
});

testOnNetwork("a permission in what is no token is listed all the same", async (net) => {
  const refiner = await net.addRefiner();
  const token = newPerson().account.address;
  await net.grant({ refiner, price: 5n, token });
  const { code, stdout, stderr } = await runOnChain(net, ["permissions", "1"]);
  assert.equal(code, 0, stderr);
  assert.match(
    stdout,
    new RegExp(`price  5 of the smallest unit of ${token}, which isn't a token`),
  );
});
