import assert from "node:assert/strict";
import { parseEther } from "viem";
import { linesOf } from "../../tasks/lib/workbench/sql/text_lines.ts";
import { type QuotedQuery, TOKEN_HEADER } from "../../tasks/lib/workbench/wire.ts";
import { Mounts } from "../support/mounts.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { DefinitionServer } from "../support/definition_server.ts";
import { definitionOf, SCHEMAS } from "../support/definitions.ts";
import { type Outcome, runTask, spawnTask } from "../support/run.ts";
import { type TestNetwork, testOnNetwork } from "../support/test_network.ts";

const PEOPLE = SCHEMAS["as SQLAlchemy writes it, in the order of the alphabet"]!;
const PRICE = parseEther("0.01");

/** A network with a refiner, which is asked about as the builder. */
interface Scene {
  net: TestNetwork;
  refiner: bigint;
  quote: (query: string, ...args: string[]) => Promise<Outcome>;
}

/** A test on a refiner's data. */
function testQuote(name: string, fn: (scene: Scene) => Promise<void>, schema = PEOPLE): void {
  testOnNetwork(name, async (net) => {
    await using server = new DefinitionServer({ "/a.json": definitionOf(schema) });
    const refiner = await net.addRefiner({ url: server.at("/a.json") });
    const who = ["--refiner", `${refiner}`, "--account", net.builder.account.address];
    await fn({
      net,
      refiner,
      quote: (query, ...args) =>
        runTask("quote", [...net.flags, ...who, "--query", query, ...args]),
    });
  });
}

testQuote(
  "a query is refused for each column without permission",
  async ({ net, refiner, quote }) => {
    await net.grant({ refiner, table: "people", column: "locale" });
    const { code, stdout } = await quote("SELECT email, locale FROM people");
    assert.equal(code, 1);
    assert.match(stdout, /^ {2}people\.email +-$/m);
    assert.match(stdout, /^ {2}people\.locale +permission 1: free$/m);
    assert.match(stdout, /^Permitted +no/m);
  },
);

testQuote("what is free is permitted without any balance", async ({ net, refiner, quote }) => {
  await net.grant({ refiner });
  const { code, stdout, stderr } = await quote(
    "SELECT * FROM people JOIN logins USING (person_id)",
  );
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Price +nothing to pay$/m);
});

testQuote("the price is exact where one permission covers all", async ({ net, refiner, quote }) => {
  await net.grant({ refiner, grantee: net.builder, table: "people", price: PRICE });
  const poor = await quote("SELECT email, locale FROM people");
  assert.equal(poor.code, 1);
  assert.match(
    poor.stdout,
    /^Price +0\.01 VANA\nBalance +0 VANA in the ComputeEngine\nAffordable +no/m,
  );
  await net.deposit(net.builder, PRICE);
  const { code, stdout } = await quote("SELECT email, locale FROM people");
  assert.equal(code, 0);
  assert.match(stdout, /^Affordable +yes$/m);
});

testQuote(
  "of several prices the least and the most are given, with the reason",
  async ({ net, refiner, quote }) => {
    await net.grant({ refiner, table: "people", column: "email", price: PRICE });
    await net.grant({ refiner, table: "people", column: "locale", price: 2n * PRICE });
    const query = "SELECT email, locale FROM people";
    await net.deposit(net.builder, PRICE);
    assert.equal((await quote(query)).code, 1);
    await net.deposit(net.builder, PRICE);
    const unclear = await quote(query);
    assert.equal(unclear.code, 2);
    assert.match(unclear.stdout, /^Price +from 0\.02 VANA to 0\.03 VANA$/m);
    assert.match(unclear.stderr, /isn't exact: several permissions cover it/);
    await net.deposit(net.builder, PRICE);
    assert.equal((await quote(query)).code, 0);
  },
);

testQuote(
  "the newest permission counts, and a revoked one doesn't",
  async ({ net, refiner, quote }) => {
    await net.grant({ refiner, price: PRICE });
    const newer = await net.grant({ refiner, table: "people" });
    assert.match(
      (await quote("SELECT email FROM people")).stdout,
      /permission 2 for all of people: free/,
    );
    await net.revoke(newer);
    assert.match(
      (await quote("SELECT email FROM people")).stdout,
      /permission 1 for all tables: 0\.01 VANA/,
    );
  },
);

testQuote("another account's permission doesn't count", async ({ net, refiner, quote }) => {
  await net.grant({ refiner, grantee: net.tee });
  assert.equal((await quote("SELECT email FROM people")).code, 1);
});

testQuote("a join's columns need permission too", async ({ net, refiner, quote }) => {
  await net.grant({ refiner, table: "people" });
  for (
    const join of [
      "JOIN logins USING (person_id)",
      "NATURAL JOIN logins",
      "NATURAL LEFT JOIN logins",
    ]
  ) {
    const { code, stdout } = await quote(`SELECT email FROM people ${join}`);
    assert.equal(code, 1, join);
    assert.match(stdout, /^ {2}logins\.person_id +-$/m);
  }
});

testQuote(
  "whether rows may be counted by a column's permission can't be told",
  async ({ net, refiner, quote }) => {
    await net.grant({ refiner, table: "people", column: "email" });
    const { code, stdout } = await quote("SELECT count(*) FROM people");
    assert.equal(code, 2);
    assert.match(stdout, /^Permitted +can't tell/m);
    await net.grant({ refiner, table: "people" });
    assert.equal((await quote("SELECT count(*) FROM people")).code, 0);
  },
);

testQuote(
  "a permission whose names differ in case only can't be told",
  async ({ net, refiner, quote }) => {
    await net.grant({ refiner, table: "People", column: "EMAIL" });
    const { code, stdout } = await quote("SELECT Email FROM PEOPLE");
    assert.equal(code, 2);
    assert.match(stdout, /permission 1 names it in another case/);
  },
);

testQuote("what isn't part of the schema can't be told", async ({ net, refiner, quote }) => {
  await net.grant({ refiner });
  assert.equal((await quote("SELECT sql FROM sqlite_schema")).code, 2);
});

testQuote(
  "a price in a token is shown in the token, against the balance of it",
  async ({ net, refiner, quote }) => {
    const token = await net.addToken({ symbol: "USD", decimals: 6 });
    await net.grant({ refiner, price: 1_500_000n, token });
    await net.deposit(net.builder, 2_000_000n, token);
    const { code, stdout } = await quote("SELECT email FROM people");
    assert.equal(code, 0);
    assert.match(stdout, /^Price +1\.5 USD \(0x\w+\)\nBalance +2 USD/m);
  },
);

testQuote(
  "a price in what is no token is shown in its smallest unit",
  async ({ net, refiner, quote }) => {
    await net.grant({ refiner, price: 5n, token: net.deployment.contracts.QueryEngine });
    const { code, stdout } = await quote("SELECT email FROM people");
    assert.equal(code, 1);
    assert.match(stdout, /^Price +5 units of no token \(0x\w+\)$/m);
  },
);

testQuote("quote --json tells reads, permissions and prices", async ({ net, refiner, quote }) => {
  await net.grant({ refiner, table: "people", price: PRICE });
  const { code, stdout } = await quote("SELECT email FROM people", "--json");
  assert.equal(code, 1);
  const { reads, permitted, prices, affordable } = JSON.parse(stdout);
  const token = "0x0000000000000000000000000000000000000000";
  assert.deepEqual(reads, [
    { table: "people", column: "email", permission: { id: "1", price: `${PRICE}`, token } },
  ]);
  assert.deepEqual([permitted, affordable], ["yes", "no"]);
  assert.deepEqual(prices, [
    { token, symbol: "VANA", decimals: 18, least: `${PRICE}`, most: `${PRICE}`, balance: "0" },
  ]);
});

for (
  const [query, message] of [
    ["SELECT nope FROM people", /no such column: nope/],
    ["DELETE FROM people", /must only read/],
    ["WITH a AS (SELECT 1) DELETE FROM people", /not authorized/],
    ["SELECT 1; SELECT 2", /one statement/],
    ["", /is empty/],
  ] as const
) {
  testQuote(`what is no query for the schema exits with 1: ${query}`, async ({ quote }) => {
    const { code, stderr } = await quote(query);
    assert.equal(code, 1, stderr);
    assert.match(stderr, message);
  });
}

testQuote(
  "the query may come from a file, and the account from a key",
  async ({ net, refiner }) => {
    using folder = new TemporaryFolder({ prefix: "quote-test-" });
    await net.grant({ refiner, grantee: net.builder });
    Deno.writeTextFileSync(folder.join("query.sql"), "SELECT email FROM people;\n");
    const args = ["--refiner", `${refiner}`, "--file", folder.join("query.sql"), ...net.flags];
    const { code, stdout, stderr } = await runTask("quote", args, { PRIVATE_KEY: net.builder.key });
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes(net.builder.account.address));
    assert.ok(!`${stdout}${stderr}`.includes(net.builder.key.slice(2)));
  },
);

testOnNetwork(
  "quote of an unknown refiner exits with 1, and of an unusable schema with 2",
  async (net) => {
    const args = ["--account", net.builder.account.address, "--query", "SELECT 1", ...net.flags];
    assert.equal((await runTask("quote", ["--refiner", "9", ...args])).code, 1);
    const refiner = await net.addRefiner({ url: "" });
    assert.equal((await runTask("quote", ["--refiner", `${refiner}`, ...args])).code, 2);
  },
);

testQuote("the workbench quotes queries for an account", async ({ net, refiner }) => {
  await net.grant({ refiner, grantee: net.builder, table: "people", price: PRICE });
  using mounts = new Mounts();
  const who = ["--refiner", `${refiner}`, "--account", net.builder.account.address];
  const workbench = spawnTask("workbench", [...net.flags, ...who, "--no-browser"], mounts.env);
  try {
    const { value } = await linesOf(workbench.stdout).next();
    const url = new URL(value!);
    const response = await fetch(new URL("/api/quote", url), {
      method: "POST",
      headers: { [TOKEN_HEADER]: url.hash.replace("#token=", "") },
      body: JSON.stringify({ sql: "SELECT email FROM people" }),
    });
    const quoted: QuotedQuery = await response.json();
    assert.equal(quoted.permitted, "yes");
    assert.match(quoted.affordable, /^no: deposit more/);
    assert.match(quoted.prices[0]!.price, /^0\.01 VANA/);
    assert.ok(quoted.reads.some(({ name }) => name === "people.email"), JSON.stringify(quoted));
  } finally {
    workbench.kill("SIGTERM");
    await workbench.status;
    await workbench.stderr.cancel();
  }
});
