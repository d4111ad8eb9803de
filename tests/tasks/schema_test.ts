import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { printable } from "../../src/printable.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { Checkout } from "../support/checkout.ts";
import { DefinitionServer, type Page } from "../support/definition_server.ts";
import { definitionOf, SCHEMAS } from "../support/definitions.ts";
import { Mounts } from "../support/mounts.ts";
import { type Outcome, runTask } from "../support/run.ts";
import { type TestNetwork, testOnNetwork } from "../support/test_network.ts";

const PEOPLE = SCHEMAS["as SQLAlchemy writes it, in the order of the alphabet"]!;

/** Runs the task on a network of the test's own. */
function runSchema(net: TestNetwork, ...args: string[]): Promise<Outcome> {
  return runTask("schema", [...net.flags, ...args]);
}

/** Registers a refiner whose definition is a page, and runs the task on it. */
async function schemaOf(net: TestNetwork, page: Page, ...args: string[]): Promise<Outcome> {
  await using server = new DefinitionServer({ "/definition.json": page });
  const id = await net.addRefiner({ url: server.at("/definition.json") });
  return await runSchema(net, `${id}`, ...args);
}

for (const layout of ["schemaId", "none", "publicKey"] as const) {
  testOnNetwork(`schema shows a refiner of a registry with the layout ${layout}`, async (net) => {
    const { code, stdout, stderr } = await schemaOf(net, definitionOf(PEOPLE));
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^Refiner 1 on Vana Moksha Testnet \(chain 14800\)$/m);
    assert.match(stdout, /^ {2}DLP {9}7$/m);
    assert.match(stdout, new RegExp(`^ {2}owner {7}${net.owner.account.address}$`, "m"));
    assert.match(stdout, /^ {2}schema {6}Example, 0\.0\.1, sqlite$/m);
    assert.match(
      stdout,
      /^people\n {2}person_id +VARCHAR +primary key\n {2}email +VARCHAR +unique, not null$/m,
    );
    assert.match(stdout, /^ {2}person_id +VARCHAR +not null, references people$/m);
  }, { layout });
}

testOnNetwork("schema --account shows permissions and prices by column", async (net) => {
  await using server = new DefinitionServer({ "/a.json": definitionOf(PEOPLE) });
  const id = await net.addRefiner({ url: server.at("/a.json") });
  const { builder } = net;
  await net.grant({
    refiner: id,
    grantee: builder,
    table: "people",
    column: "locale",
    price: 5n * 10n ** 16n,
  });
  await net.grant({ refiner: id, table: "logins" });
  await net.grant({ refiner: id, grantee: net.tee, table: "people", column: "email" });
  const args = [`${id}`, "--account", builder.account.address];
  const { code, stdout, stderr } = await runSchema(net, ...args);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /may query 5 of 10 columns/);
  assert.match(stdout, /^ {2}locale .* permission 1: 0\.05 VANA$/m);
  assert.match(stdout, /^ {2}platform .* permission 2: free$/m);
  assert.match(stdout, /^ {2}email .* -$/m);
});

testOnNetwork("schema --json tells tables, columns and permissions", async (net) => {
  await using server = new DefinitionServer({ "/a.json": definitionOf(PEOPLE) });
  const schema = await net.addSchema({ name: "On-chain", url: server.at("/a.json") });
  const id = await net.addRefiner({ schema });
  await net.grant({ refiner: id, table: "people", column: "email", price: 7n });
  const { stdout } = await runSchema(
    net,
    `${id}`,
    "--json",
    "--account",
    net.builder.account.address,
  );
  const { refiner, definition, tables } = JSON.parse(stdout);
  assert.deepEqual(refiner.schema, { id: "1", name: "On-chain", dialect: "sqlite" });
  assert.equal(definition.verified, false);
  const [{ columns }] = tables.filter(({ name }: { name: string }) => name === "people");
  assert.deepEqual(columns.slice(0, 2), [
    {
      name: "person_id",
      type: "VARCHAR",
      notNull: true,
      primaryKey: 1,
      generated: false,
      permission: null,
    },
    {
      name: "email",
      type: "VARCHAR",
      notNull: true,
      primaryKey: 0,
      generated: false,
      permission: {
        id: "1",
        grantee: "everyone",
        price: "7",
        token: "0x0000000000000000000000000000000000000000",
        symbol: "VANA",
        decimals: 18,
      },
    },
  ]);
});

const UNUSABLE: readonly (readonly [string, Page, RegExp])[] = [
  ["that is missing", () => new Response("no", { status: 404 }), /answers 404; expected/],
  ["that is empty", "\n", /is an empty file/],
  ["that is a web page", "<!doctype html><title>Log in</title>", /is a web page/],
  ["that is bare SQL", PEOPLE, /is bare SQL/],
  ["that isn't JSON", "{", /is no JSON/],
  ["that isn't text", Uint8Array.of(0xff, 0xfe, 0x00), /isn't text in UTF-8/],
  ["without a schema", '{"name":"x"}', /has no field "schema"/],
  ["with an empty schema", definitionOf("  "), /schema is empty/],
  ["of more than a megabyte", definitionOf(" ".repeat(1_100_000)), /more than 1048576 bytes/],
  [
    "in the dialect json",
    definitionOf("", { dialect: "json", schema: { type: "object" } }),
    /has the dialect json: it describes the files/,
  ],
  [
    "in another dialect",
    definitionOf("x", { dialect: "postgres" }),
    /has the dialect "postgres"; expected sqlite/,
  ],
  [
    "that SQLite refuses",
    definitionOf("CREATE TABLE a(b"),
    /SQLite refuses the schema: .*syntax error/,
  ],
  ["without a table", definitionOf("CREATE VIEW a AS SELECT 1"), /makes no table/],
  [
    "with rows",
    definitionOf("CREATE TABLE a(b); INSERT INTO a VALUES (1)"),
    /holds a statement that defines nothing: INSERT/,
  ],
  [
    "with a trigger",
    definitionOf("CREATE TABLE a(b); CREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1; END"),
    /holds a trigger/,
  ],
  [
    "with ATTACH",
    definitionOf("ATTACH '/tmp/x.db' AS x; CREATE TABLE x.a(b)"),
    /defines nothing: ATTACH/,
  ],
  [
    "with a table in another database",
    definitionOf("CREATE TABLE temp.a(b)"),
    /in another database/,
  ],
  [
    "with a virtual table",
    definitionOf("CREATE VIRTUAL TABLE a USING fts5(b)"),
    /holds a virtual table/,
  ],
  [
    "with a table of a query",
    definitionOf("CREATE TABLE a AS SELECT 1"),
    /holds a table made of a query/,
  ],
  ["with a NUL", definitionOf("CREATE TABLE a(b);\0"), /NUL character/],
];

testOnNetwork(
  "schema says in its own words what is wrong with a definition, and exits with 1",
  async (net) => {
    for (const [what, page, message] of UNUSABLE) {
      const { code, stderr } = await schemaOf(net, page);
      assert.equal(code, 1, `${what}: ${stderr}`);
      assert.match(stderr, message, what);
    }
  },
);

testOnNetwork("an unknown refiner exits with 1", async (net) => {
  const { code, stderr } = await runSchema(net, "12");
  assert.equal(code, 1);
  assert.match(stderr, /There is no refiner 12/);
});

for (
  const url of ["", "ftp://example.com/a.json", "http://example.com/a.json", "file:///etc/passwd"]
) {
  testOnNetwork(`a refiner whose schema is at "${url}" is unusable`, async (net) => {
    const { code, stderr } = await runSchema(net, `${await net.addRefiner({ url })}`);
    assert.equal(code, 1);
    assert.match(stderr, /has no URL that can be used/);
  });
}

testOnNetwork("schema asks no private address, not after a redirect either", async (net) => {
  const direct = await runSchema(
    net,
    `${await net.addRefiner({ url: "https://10.1.2.3/a.json" })}`,
  );
  const redirected = await schemaOf(net, () => Response.redirect("https://192.168.0.1/a.json"));
  for (const { code, stderr } of [direct, redirected]) {
    assert.equal(code, 2);
    assert.match(stderr, /isn't on the public internet/);
  }
});

testOnNetwork("an RPC that doesn't answer exits with 2", async (net) => {
  const { code } = await runTask("schema", ["1", ...net.flags, "--rpc", "http://127.0.0.1:1"]);
  assert.equal(code, 2);
});

testOnNetwork(
  "a definition is read leniently: without a version, with a dialect in capitals",
  async (net) => {
    const page = JSON.stringify({
      name: "Example",
      dialect: "SQLite",
      schema: "CREATE TABLE a(b)",
    });
    const { code, stdout, stderr } = await schemaOf(net, page);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /Example, without a version, SQLite/);
  },
);

testOnNetwork("a stranger's text can't control the terminal", async (net) => {
  const page = definitionOf('CREATE TABLE "a\u001b[2J"(b)', { name: "x\u001b]0;y\u0007\u202e" });
  const { code, stdout } = await schemaOf(net, page);
  assert.equal(code, 0);
  assert.equal(printable(stdout, "\n"), stdout);
  assert.match(stdout, /a\\u\{1b\}\[2J/);
});

/** The content identifier of bytes, as a file (raw) or as IPFS packs a small file into a block (dag-pb). */
function contentId(bytes: Uint8Array, version: 0 | 1): string {
  const packed = version === 1 ? bytes : inBlock(bytes);
  const digest = create(0x12, createHash("sha256").update(packed).digest());
  return (version === 1 ? CID.createV1(0x55, digest) : CID.createV0(digest)).toString();
}

/** The block of a file of 128 to 16,383 bytes, whose lengths take two bytes. */
function inBlock(bytes: Uint8Array): Uint8Array {
  const two = (number: number) => [(number & 0x7f) | 0x80, number >> 7];
  const file = [8, 2, 18, ...two(bytes.length), ...bytes, 24, ...two(bytes.length)];
  return Uint8Array.from([10, ...two(file.length), ...file]);
}

const DEFINITION = new TextEncoder().encode(definitionOf(PEOPLE));

for (const version of [0, 1] as const) {
  testOnNetwork(
    `gateways are asked in turn for a CIDv${version}, and bytes are checked`,
    async (net) => {
      const cid = contentId(DEFINITION, version);
      const path = `/ipfs/${cid}`;
      await using broken = new DefinitionServer({
        [path]: () => new Response("no", { status: 404 }),
      });
      await using page = new DefinitionServer({ [path]: "<html>Too many requests</html>" });
      await using good = new DefinitionServer({ [path]: DEFINITION });
      const id = await net.addRefiner({ url: `ipfs://${cid}` });
      const gateways = [broken.at(""), page.at("/ipfs/"), good.at("/")];
      const args = gateways.flatMap((gateway) => ["--gateway", gateway]);
      const { code, stdout, stderr } = await runSchema(net, `${id}`, ...args);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /its bytes match the content identifier/);
      assert.ok(stdout.includes(good.at(path)));
      assert.deepEqual([broken.asked, page.asked], [[path], [path]]);
    },
  );
}

testOnNetwork(
  "a CID in any URL is found, and other bytes than it names aren't used",
  async (net) => {
    const cid = contentId(DEFINITION, 1);
    const path = `/ipfs/${cid}`;
    await using wrong = new DefinitionServer({ [path]: definitionOf("CREATE TABLE other(a)") });
    await using good = new DefinitionServer({ [path]: DEFINITION });
    const id = await net.addRefiner({ url: `https://stranger.invalid/ipfs/${cid}?token=secret` });
    const args = ["--gateway", wrong.at(""), "--gateway", good.at("")];
    const { code, stdout, stderr } = await runSchema(net, `${id}`, ...args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^people$/m);
  },
);

testOnNetwork("a definition whose bytes are right and unusable is refused at once", async (net) => {
  const bytes = new TextEncoder().encode("<html></html>");
  const path = `/ipfs/${contentId(bytes, 1)}`;
  await using first = new DefinitionServer({ [path]: bytes });
  await using second = new DefinitionServer({ [path]: bytes });
  const id = await net.addRefiner({ url: `ipfs:/${path.slice(5)}` });
  const args = ["--gateway", first.at(""), "--gateway", second.at("")];
  const { code, stderr } = await runSchema(net, `${id}`, ...args);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /is a web page/);
  assert.deepEqual(second.asked, []);
});

for (const [what, ddl] of Object.entries(SCHEMAS)) {
  testOnNetwork(`dev runs on the dummy data of a schema ${what}`, async (net) => {
    using folder = new TemporaryFolder({ prefix: "schema-test-" });
    using mounts = new Mounts();
    const file = folder.join("mine.sql");
    const made = await schemaOf(net, definitionOf(ddl), "--write", file);
    assert.equal(made.code, 0, made.stderr);
    const seeded = await runTask("seed", ["--from", file], mounts.env);
    assert.equal(seeded.code, 0, seeded.stderr);
    const { code, stdout, stderr } = await runTask("dev", [], mounts.env);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /\b20 rows of /);
  });
}

testOnNetwork("after schema --write, `deno task dev` uses dummy_data.sql at once", async (net) => {
  using checkout = new Checkout("checkout", { mtime: 1_000_000 });
  await checkout.run("dev", []);
  await using server = new DefinitionServer({ "/a.json": definitionOf(PEOPLE) });
  const id = await net.addRefiner({ url: server.at("/a.json") });
  const refused = await checkout.run("schema", [`${id}`, ...net.flags, "--write"]);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /dummy_data\.sql exists already; give --force/);
  const args = [`${id}`, ...net.flags, "--write", "--force", "--rows", "7"];
  const made = await checkout.run("schema", args);
  assert.equal(made.code, 0, made.stderr);
  assert.match(made.stderr, /Next: `deno task dev` runs the job on it/);
  const { code, stdout } = await checkout.run("dev", []);
  assert.equal(code, 0);
  assert.match(stdout, /made again from the changed dummy_data\.sql: 7 rows/);
});

testOnNetwork("the query of the dummy data reads only what the account may read", async (net) => {
  using folder = new TemporaryFolder({ prefix: "schema-test-" });
  await using server = new DefinitionServer({ "/a.json": definitionOf(PEOPLE) });
  const id = await net.addRefiner({ url: server.at("/a.json") });
  await net.grant({ refiner: id, table: "people", column: "email" });
  await net.grant({ refiner: id, table: "people", column: "locale" });
  const args = [`${id}`, "--account", net.builder.account.address, "--write", folder.join("a.sql")];
  assert.equal((await runSchema(net, ...args)).code, 0);
  using db = new DatabaseSync(":memory:");
  db.exec(Deno.readTextFileSync(folder.join("a.sql")));
  const columns = db.prepare("SELECT name FROM pragma_table_info('results')").all();
  assert.deepEqual(columns.map(({ name }) => name), ["email", "locale"]);
});

testOnNetwork(
  "dummy data says that an account may read nothing, and why a table is empty",
  async (net) => {
    using folder = new TemporaryFolder({ prefix: "schema-test-" });
    const file = folder.join("a.sql");
    const ddl = "CREATE TABLE a(b); CREATE TABLE c(d NOT NULL CHECK (d <> d))";
    const args = ["--account", net.builder.account.address, "--write", file];
    const { code, stderr } = await schemaOf(net, definitionOf(ddl), ...args);
    assert.equal(code, 0);
    assert.match(stderr, /c has 0 of 20 rows: CHECK constraint failed: d <> d/);
    const script = Deno.readTextFileSync(file).replaceAll("\n-- ", " ");
    assert.match(script, /No rows for c: none were found .*CHECK constraint failed: d <> d/);
    assert.match(script, /has no permission for any column yet/);
  },
);

testOnNetwork("a text of the definition can't end a comment of the dummy data", async (net) => {
  using folder = new TemporaryFolder({ prefix: "schema-test-" });
  const file = folder.join("a.sql");
  const ddl =
    'CREATE TABLE "a\nDROP TABLE x; --"(d NOT NULL CHECK (d <> d)); CREATE TABLE b(c) /* open';
  const { code, stderr } = await schemaOf(net, definitionOf(ddl), "--write", file);
  assert.equal(code, 0, stderr);
  using db = new DatabaseSync(":memory:");
  db.exec(Deno.readTextFileSync(file));
  assert.equal(db.prepare("SELECT count(*) AS n FROM results").get()!.n, 20);
});

testOnNetwork(
  "schema --write leaves nothing behind where it fails, and replaces with --force only",
  async (net) => {
    using folder = new TemporaryFolder({ prefix: "schema-test-" });
    const file = folder.join("a.sql");
    const failed = await schemaOf(net, definitionOf("CREATE TABLE a(b"), "--write", file);
    assert.equal(failed.code, 1);
    assert.deepEqual([...Deno.readDirSync(folder.path)], []);
    Deno.writeTextFileSync(file, "mine");
    const refused = await schemaOf(net, definitionOf(PEOPLE), "--write", file);
    assert.equal(refused.code, 2);
    assert.equal(Deno.readTextFileSync(file), "mine");
    const replaced = await schemaOf(net, definitionOf(PEOPLE), "--write", file, "--force");
    assert.equal(replaced.code, 0);
    assert.match(Deno.readTextFileSync(file), /CREATE TABLE people/);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["a.sql"]);
  },
);

testOnNetwork("the same --seed writes the same file", async (net) => {
  using folder = new TemporaryFolder({ prefix: "schema-test-" });
  await using server = new DefinitionServer({ "/a.json": definitionOf(PEOPLE) });
  const id = await net.addRefiner({ url: server.at("/a.json") });
  for (const [name, seed] of [["a", "5"], ["b", "5"], ["c", "6"]] as const) {
    await runSchema(net, `${id}`, "--write", join(folder.path, name), "--seed", seed);
  }
  const [a, b, c] = ["a", "b", "c"].map((name) => Deno.readTextFileSync(folder.join(name)));
  assert.equal(a, b);
  assert.notEqual(a, c);
});
