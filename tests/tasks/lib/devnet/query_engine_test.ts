/** How the devnet's Query Engine decides by the chain who may ask what, and takes the price. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parseEther } from "viem";
import { admitByChain } from "../../../../tasks/lib/devnet/admit_query.ts";
import {
  type Engine,
  type EngineOptions,
  startEngine,
} from "../../../../tasks/lib/engine/engine.ts";
import { readDeposit } from "../../../../tasks/lib/network/funds.ts";
import { readPaid } from "../../../../tasks/lib/network/jobs.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { canRunEvm } from "../../../support/evm.ts";
import type { Person } from "../../../support/people.ts";
import { TestNetwork } from "../../../support/test_network.ts";

const DDL = `CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, score REAL);
CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER, total REAL);`;
const SCHEMA = { name: "shop", version: "1.0.0", dialect: "sqlite", schema: DDL };
const DEPOSIT = parseEther("1");

/** An answer to a request about a query. */
interface Answer {
  /** The HTTP status. */
  status: number;
  /** What it says. */
  body: {
    query_id?: string;
    query_status?: string;
    query_results?: string;
    detail?: string;
  };
}

/** A Query Engine over a network with refiner 1, and job 1 of the builder's, who has deposited 1 VANA. */
class Scene implements AsyncDisposable {
  readonly net: TestNetwork;
  readonly engine: Engine;
  readonly #definitions: Deno.HttpServer<Deno.NetAddr>;
  readonly #folder: TemporaryFolder;

  private constructor(
    net: TestNetwork,
    { definitions, folder, options }: {
      definitions: Deno.HttpServer<Deno.NetAddr>;
      folder: TemporaryFolder;
      options: Partial<EngineOptions>;
    },
  ) {
    this.net = net;
    this.#definitions = definitions;
    this.#folder = folder;
    const database = folder.join("data.db");
    using db = new DatabaseSync(database);
    db.exec(`${DDL} INSERT INTO users VALUES (1, 'Ada', 2.0), (2, NULL, 0.5);
      INSERT INTO orders VALUES (1, 1, 9.5);`);
    this.engine = startEngine({
      database,
      folder: folder.path,
      admit: admitByChain(net.network, {
        wallet: net.wallet,
        account: net.queryEngine.account,
        databaseOf: (refiner) => refiner === 1n ? database : undefined,
      }),
      ...options,
    });
  }

  static async start(options: Partial<EngineOptions>): Promise<Scene> {
    const definitions = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => Response.json(SCHEMA),
    );
    const net = await TestNetwork.start();
    await net.addRefiner({ url: `http://127.0.0.1:${definitions.addr.port}/schema.json` });
    await net.addTee({ url: "http://127.0.0.1:1" });
    await net.submitJob({ instruction: await net.addInstruction(), deposit: DEPOSIT });
    const folder = new TemporaryFolder({ prefix: "query-engine-" });
    return new Scene(net, { definitions, folder, options });
  }

  /** Asks a query. */
  async ask(
    query: string,
    { as = this.net.builder, signed = query, refiner = 1, job = "1" }: {
      as?: Person;
      /** The text that is signed. */
      signed?: string;
      refiner?: unknown;
      job?: unknown;
    } = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.engine.url}/query`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-query-signature": await as.account.signMessage({ message: signed }),
      },
      body: JSON.stringify({ query, params: [], refiner_id: refiner, job_id: job }),
    });
    return { status: response.status, body: await response.json() };
  }

  /** Asks a query and waits for its end. */
  async run(query: string): Promise<Answer["body"]> {
    const { status, body } = await this.ask(query);
    assert.equal(status, 200, JSON.stringify(body));
    return await this.end(body.query_id!);
  }

  /** Waits for a query's end. */
  async end(id: string): Promise<Answer["body"]> {
    for (;;) {
      const { status, body } = await this.poll(id);
      assert.equal(status, 200);
      if (body.query_status !== "processing") return body;
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  /** Asks for a query's status. */
  async poll(id: string): Promise<Answer> {
    const response = await fetch(`${this.engine.url}/query/${id}`, {
      headers: { "x-query-signature": "0x" },
    });
    return { status: response.status, body: await response.json() };
  }

  /** Downloads results, and reads their rows. */
  async rows({ query_results: url }: Answer["body"]): Promise<unknown[]> {
    const path = this.#folder.join("downloaded.db");
    Deno.writeFileSync(path, await (await fetch(url!)).bytes());
    using db = new DatabaseSync(path);
    return db.prepare("SELECT * FROM results").all().map((row) => ({ ...row }));
  }

  /** What the builder has deposited. */
  async deposited(): Promise<bigint> {
    return await readDeposit(this.net.network, this.net.builder.account.address);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close();
    await this.#definitions.shutdown();
    await this.net[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

function testScene(
  name: string,
  fn: (scene: Scene) => Promise<void>,
  options: Partial<EngineOptions> = {},
): void {
  Deno.test({
    name,
    ignore: !canRunEvm,
    // A connection and its timers last as long as the task's process.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using scene = await Scene.start(options);
      await fn(scene);
    },
  });
}

testScene(
  "a query is paid for by the price of its permission, and gives its rows",
  async (scene) => {
    const { net } = scene;
    await net.grant({ refiner: 1n, grantee: net.builder, price: 100n });
    const ended = await scene.run("SELECT id, name FROM users ORDER BY id");
    assert.equal(ended.query_status, "success", ended.detail);
    assert.deepEqual(await scene.rows(ended), [{ id: 1, name: "Ada" }, { id: 2, name: null }]);
    assert.equal(await readPaid(net.network, { job: 1n, dlp: net.dlp }), 100n);
    assert.equal(await scene.deposited(), DEPOSIT - 100n);
  },
);

testScene("the newest permission counts, and each that is used is paid once", async (scene) => {
  const { net } = scene;
  const grantee = net.builder;
  await net.grant({ refiner: 1n, grantee, table: "users", price: 1000n });
  await net.grant({ refiner: 1n, grantee, table: "orders", price: 20n });
  await net.grant({ refiner: 1n, grantee, table: "users", price: 3n });
  const sql = "SELECT u.id, u.name, o.total FROM users u JOIN orders o ON o.user_id = u.id";
  assert.equal((await scene.run(sql)).query_status, "success");
  assert.equal(await scene.deposited(), DEPOSIT - 23n);
});

testScene("a query whose permissions ask nothing sends no payment", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  assert.equal((await scene.run("SELECT name FROM users")).query_status, "success");
  assert.equal(await scene.net.sentBy(scene.net.queryEngine), 0);
});

testScene("a query is refused for each column without a permission", async (scene) => {
  const { net } = scene;
  await net.grant({ refiner: 1n, grantee: net.builder, table: "users", column: "name" });
  const sql = "SELECT name FROM users JOIN orders ON orders.user_id = users.id";
  const { status, body } = await scene.ask(sql);
  assert.equal(status, 403);
  assert.equal(body.detail, "There is no permission for users.id, orders.user_id");
});

testScene("a revoked permission permits nothing", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  await scene.net.revoke(1n);
  assert.equal((await scene.ask("SELECT name FROM users")).status, 403);
});

testScene("another's permission permits nothing", async (scene) => {
  await scene.net.grant({ refiner: 1n, grantee: scene.net.tee });
  assert.equal((await scene.ask("SELECT name FROM users")).status, 403);
});

testScene("nobody asks at the cost of another's job", async (scene) => {
  const { net } = scene;
  await net.grant({ refiner: 1n, price: 5n });
  const { status, body } = await scene.ask("SELECT name FROM users", { as: net.owner });
  assert.equal(status, 403);
  assert.match(
    body.detail!,
    new RegExp(`is signed by ${net.owner.account.address}, and job 1 is of`),
  );
  assert.equal(await scene.deposited(), DEPOSIT);
});

testScene("a signature of another text is another account's", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  const signed = "SELECT 1";
  assert.equal((await scene.ask("SELECT name FROM users", { signed })).status, 403);
});

testScene("a query that isn't paid gives no results", async (scene) => {
  const { net } = scene;
  await net.grant({ refiner: 1n, price: DEPOSIT + 1n });
  const ended = await scene.run("SELECT name FROM users");
  assert.equal(ended.query_status, "failed");
  assert.match(ended.detail!, /isn't paid: the job's owner has too little in the ComputeEngine/);
  assert.equal(ended.query_results, undefined);
  assert.equal(await scene.deposited(), DEPOSIT);
});

testScene("a query of a job that no TEE took isn't paid, and gives no results", async (scene) => {
  const { net } = scene;
  await net.grant({ refiner: 1n, price: 5n });
  await net.removeTee();
  await net.submitJob({ instruction: 1n });
  const { body } = await scene.ask("SELECT name FROM users", { job: "2" });
  const ended = await scene.end(body.query_id!);
  assert.match(ended.detail!, /isn't paid: no TEE has taken the job/);
});

testScene("a query that fails costs nothing", async (scene) => {
  await scene.net.grant({ refiner: 1n, price: 5n });
  const ended = await scene.run("SELECT abs(-9223372036854775808) FROM users");
  assert.equal(ended.query_status, "failed");
  assert.equal(await scene.deposited(), DEPOSIT);
});

for (
  const [name, options, status, detail] of [
    ["an unknown job", { job: "9" }, 404, /There is no job 9/],
    ["no job", { job: undefined }, 422, /job_id/],
    ["a job that is no id", { job: "1; DROP" }, 422, /job_id/],
    ["no refiner", { refiner: undefined }, 422, /refiner_id/],
    ["a refiner without data here", { refiner: 2 }, 404, /There is no data of refiner 2/],
  ] as const
) {
  testScene(`a query with ${name} is answered with ${status}`, async (scene) => {
    await scene.net.grant({ refiner: 1n });
    const answer = await scene.ask("SELECT name FROM users", {
      ..."job" in options ? { job: options.job ?? null } : {},
      ..."refiner" in options ? { refiner: options.refiner ?? null } : {},
    });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(JSON.stringify(answer.body.detail), detail);
  });
}

testScene("a query that the schema can't answer is refused before it runs", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  const { status, body } = await scene.ask("SELECT phone FROM users");
  assert.equal(status, 400);
  assert.match(body.detail!, /no such column: phone/);
});

testScene("a query is refused for now while the chain can't be asked", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  await scene.net.stop();
  const { status, body } = await scene.ask("SELECT name FROM users");
  assert.equal(status, 503);
  assert.match(body.detail!, /can't be reached/);
});

testScene("results expire", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  const ended = await scene.run("SELECT name FROM users");
  assert.equal(ended.query_status, "success");
  await new Promise((done) => setTimeout(done, 1100));
  const id = ended.query_results!.match(/results\/(.*)\.db/)![1]!;
  assert.equal((await scene.poll(id)).body.query_status, "expired");
  assert.equal((await fetch(ended.query_results!)).status, 404);
}, { expirySeconds: 1 });

testScene("values come as text, and NULL as None, where that is asked for", async (scene) => {
  await scene.net.grant({ refiner: 1n });
  const ended = await scene.run("SELECT id, name, score, x'00ff' AS bytes FROM users ORDER BY id");
  assert.deepEqual(await scene.rows(ended), [
    { id: "1", name: "Ada", score: "2.0", bytes: new Uint8Array([0, 255]) },
    { id: "2", name: "None", score: "0.5", bytes: new Uint8Array([0, 255]) },
  ]);
}, { asText: true });
