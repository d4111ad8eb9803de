/** `deno task devnet`: a network that is started, used by the tasks, and stopped. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { parseEther, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { DEVNET } from "../../tasks/lib/chain/networks.ts";
import { type Devnet, readDevnetFile } from "../../tasks/lib/devnet/devnet_file.ts";
import { LocalWallet } from "../../tasks/lib/devnet/wallet.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { COMPUTE_ENGINE_ABI } from "../../tasks/lib/network/compute_engine.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../../tasks/lib/network/instruction_registry.ts";
import { readPaid } from "../../tasks/lib/network/jobs.ts";
import { QUERY_ENGINE_ABI } from "../../tasks/lib/network/query_engine.ts";
import { exists } from "../../src/files.ts";
import { pause } from "../../src/pause.ts";
import { canCompile, canMakeBase, runtimeEnv, sharedArchive } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { Checkout } from "../support/checkout.ts";
import { canRunDocker, docker } from "../support/docker.ts";
import { canRunEvm } from "../support/evm.ts";
import { runTask, spawnDeno } from "../support/run.ts";
import { TestNetwork } from "../support/test_network.ts";

const PRICE = parseEther("0.01");
const QUERY = "SELECT user_id, name FROM users ORDER BY user_id LIMIT 2";
const ARCHIVE = "job.tar.gz";

/** A devnet that runs in a checkout of its own, and is stopped at the end of the `await using` block. */
class DevnetProcess implements AsyncDisposable {
  /** What it printed first. */
  readonly shown: string;
  /** What tasks know of it. */
  readonly devnet: Devnet;
  readonly #checkout: Checkout;
  readonly #process: Deno.ChildProcess;
  readonly #said: Promise<string>;
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(
    { checkout, process, reader, said, shown }: {
      checkout: Checkout;
      process: Deno.ChildProcess;
      reader: ReadableStreamDefaultReader<string>;
      said: Promise<string>;
      shown: string;
    },
  ) {
    this.#checkout = checkout;
    this.#process = process;
    this.#reader = reader;
    this.#said = said;
    this.shown = shown;
    this.devnet = readDevnetFile(checkout.join(".cache/devnet.json"));
  }

  /** Starts one. */
  static async start(
    args: readonly string[] = [],
    env: Record<string, string> = {},
  ): Promise<DevnetProcess> {
    const checkout = new Checkout("checkout", { mtime: 0 });
    Deno.mkdirSync(checkout.join(".cache"));
    Deno.mkdirSync(checkout.join("dist"));
    Deno.copyFileSync(await sharedArchive(), checkout.join(`dist/${ARCHIVE}`));
    const project = [`--config=${checkout.join("deno.json")}`];
    const lock = [`--lock=${checkout.join("deno.lock")}`, "--frozen"];
    const task = [checkout.join("tasks/devnet.ts"), "--port", "0", ...args];
    const process = spawnDeno(["run", "-A", ...project, ...lock, ...task], env);
    const said = new Response(process.stderr).text();
    const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let shown = "";
    while (!shown.endsWith("\n\n")) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`The devnet doesn't start: ${await said}`);
      shown += value;
    }
    return new DevnetProcess({ checkout, process, reader, said, shown });
  }

  /** Runs a task as one of its people. */
  async run(as: string, name: string, ...args: string[]) {
    const env = { PRIVATE_KEY: this.devnet.keys[as]! };
    const network = name === "devnet" ? [] : ["--network", "devnet"];
    return await this.#checkout.run(name, [...network, ...args], env);
  }

  /** The archive that is served. */
  get archive(): { sha256: string; url: string } {
    const [, archives = ""] = /archives +(\S+)/.exec(this.shown) ?? [];
    const sha256 = hashFile(this.#checkout.join(`dist/${ARCHIVE}`));
    return { sha256, url: `${archives}${ARCHIVE}` };
  }

  /** Registers the archive, approves it, permits every query, and deposits money. */
  async prepare(refiner = 1n): Promise<void> {
    const { keys, contracts, rpc } = this.devnet;
    const wallet = new LocalWallet(rpc, DEVNET);
    const owner = privateKeyToAccount(keys.owner!);
    const builder = privateKeyToAccount(keys.builder!);
    const instructions = {
      abi: INSTRUCTION_REGISTRY_ABI,
      address: contracts.ComputeInstructionRegistry,
    } as const;
    const { sha256, url } = this.archive;
    await wallet.write(builder, {
      ...instructions,
      functionName: "addComputeInstruction",
      args: [`0x${sha256}`, url],
    });
    await wallet.write(owner, {
      ...instructions,
      functionName: "updateComputeInstruction",
      args: [1n, 1n, true],
    });
    await wallet.write(owner, {
      abi: QUERY_ENGINE_ABI,
      address: contracts.QueryEngine,
      functionName: "addPermission",
      args: [zeroAddress, refiner, "", "", zeroAddress, PRICE],
    });
    await wallet.write(builder, {
      abi: COMPUTE_ENGINE_ABI,
      address: contracts.ComputeEngine,
      functionName: "deposit",
      args: [zeroAddress, parseEther("1")],
      value: parseEther("1"),
    });
  }

  /** Submits a job as the builder, whose artifacts go to a folder of the checkout. */
  async submit(query = QUERY, refiner = "1") {
    const output = this.#checkout.join("out");
    const ids = ["--instruction", "1", "--refiner", refiner];
    const options = ["--allow-http", "--yes", "--output", output];
    const outcome = await this.run("builder", "submit", ...ids, "--query", query, ...options);
    return { ...outcome, output };
  }

  /** Stops it. */
  async stop(signal: Deno.Signal): Promise<{ code: number; said: string; isFileThere: boolean }> {
    this.#process.kill(signal);
    const { code } = await this.#process.status;
    await this.#reader.cancel();
    const isFileThere = exists(this.#checkout.join(".cache/devnet.json"));
    return { code, said: await this.#said, isFileThere };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop("SIGTERM");
    } catch {
      // The test has stopped it.
    }
    this.#checkout[Symbol.dispose]();
  }
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Whether something listens at a port. */
function isTaken(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return false;
  } catch {
    return true;
  }
}

function namesIn(database: string): unknown[] {
  using db = new DatabaseSync(database, { readOnly: true });
  return db.prepare("SELECT * FROM results").all().map(({ name }) => name);
}

const ignore = !canRunEvm || !canCompile || !canMakeBase;

Deno.test({
  name: "a job on a devnet runs in Docker, is paid for, and leaves nothing behind",
  ignore: ignore || !canRunDocker,
  async fn() {
    await using devnet = await DevnetProcess.start();
    await devnet.prepare();
    const { code, stdout, stderr, output } = await devnet.submit();
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.deepEqual(namesIn(`${output}/query_results.db`), ["Ana Souza", "Björn Håkansson"]);
    const funds = await devnet.run("builder", "funds");
    assert.match(funds.stdout, /ComputeEngine +0\.99 VANA/);
    const internal = await docker(
      ...["network", "ls", "--quiet", "--filter", "name=result-relay-devnet-"],
    );
    for (const id of internal.split("\n")) {
      const leadsNowhere = await docker("network", "inspect", id, "--format", "{{.Internal}}");
      assert.equal(leadsNowhere, "true");
    }

    const stopped = await devnet.stop("SIGINT");
    assert.equal(stopped.code, 0, stopped.said);
    const [, network = ""] = /network (\S+), on which only the Query Engine listens/.exec(
      stopped.said,
    ) ?? [];
    assert.match(network, /^result-relay-devnet-/);
    for (const line of ["running", "paid 0.01 VANA", "completed"]) {
      assert.ok(stopped.said.includes(`\njob 1: ${line}\n`), stopped.said);
    }
    assert.match(stopped.said, /^query of 0x\w{40} gave 2 rows/m);
    assert.equal(stopped.isFileThere, false);
    const networks = await docker("network", "ls", "--format", "{{.Name}}");
    assert.ok(!networks.split("\n").includes(network), "the network is gone");
    await assert.rejects(fetch(devnet.devnet.rpc, { method: "POST" }), "the chain has stopped");
  },
});

Deno.test({
  name: "a job on a devnet without Docker runs as a process, once its archive is proved",
  ignore,
  async fn() {
    const base = await standInBase();
    const env = { ...runtimeEnv(), PATH: "/nonexistent" };
    await using devnet = await DevnetProcess.start(["--base", base], env);
    await devnet.prepare();
    const { code, stdout, stderr, output } = await devnet.submit();
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.deepEqual(namesIn(`${output}/query_results.db`), ["Ana Souza", "Björn Håkansson"]);
    const { said } = await devnet.stop("SIGTERM");
    assert.match(said, /Docker doesn't answer, so jobs run as processes of their own/);
  },
});

Deno.test({
  name: "a devnet without Docker runs no archive that isn't proved, and nothing is paid",
  ignore,
  async fn() {
    const env = { ...runtimeEnv(), PATH: "/nonexistent" };
    await using devnet = await DevnetProcess.start([], env);
    await devnet.prepare();
    const { code, stdout, stderr } = await devnet.submit();
    assert.equal(code, 3, `${stdout}${stderr}`);
    assert.match(stderr, /Without Docker only an archive runs that is proved/);
    const funds = await devnet.run("builder", "funds");
    assert.match(funds.stdout, /ComputeEngine +1 VANA/);
  },
});

Deno.test({
  name: "a devnet that is killed takes its chain with it",
  ignore: ignore || Deno.build.os === "windows",
  async fn() {
    using folder = new TemporaryFolder({ prefix: "killed-" });
    // It can't remove what it has made of files, nor a network of Docker's.
    await using devnet = await DevnetProcess.start([], {
      ...runtimeEnv(),
      PATH: "/nonexistent",
      TMPDIR: folder.path,
    });
    const { isFileThere } = await devnet.stop("SIGKILL");
    assert.equal(isFileThere, true);
    const { port } = new URL(devnet.devnet.rpc);
    for (let tries = 0; isTaken(Number(port)); tries++) {
      assert.ok(tries < 200, "the chain still runs");
      await pause(50);
    }
  },
});

Deno.test({
  name: "the engines of a devnet run over a chain and contracts that are there already",
  ignore: ignore || !canRunDocker,
  // A connection and its timers last as long as the task's process.
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    await using net = await TestNetwork.start();
    const teeUrl = `http://127.0.0.1:${freePort()}`;
    await net.addTee({ url: teeUrl });
    const file = await Deno.makeTempFile();
    const { tee, queryEngine, builder } = net;
    await Deno.writeTextFile(
      file,
      JSON.stringify({
        rpc: net.url,
        chainId: 14800,
        contracts: net.deployment.contracts,
        keys: { tee: tee.key, queryEngine: queryEngine.key, builder: builder.key },
        teeUrl,
      }),
    );
    await using devnet = await DevnetProcess.start(["--chain", file]);
    await Deno.remove(file);
    assert.ok(!devnet.shown.includes(tee.key), "keys of another chain aren't shown");

    const [, url] = /schema +([^\s,]+)/.exec(devnet.shown) ?? [];
    const refiner = await net.addRefiner({ url: url! });
    await net.grant({ refiner, price: PRICE });
    await net.deposit(builder, parseEther("1"));
    const instruction = await net.addInstruction(devnet.archive);
    await net.approve(instruction);
    const { code, stdout, stderr, output } = await devnet.submit();
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.deepEqual(namesIn(`${output}/query_results.db`), ["Ana Souza", "Björn Håkansson"]);
    assert.equal(await readPaid(net.network, { job: 1n, dlp: net.dlp }), PRICE);
  },
});

Deno.test({
  name: "a job on a devnet whose query isn't permitted costs nothing",
  ignore: ignore || !canRunDocker,
  async fn() {
    await using devnet = await DevnetProcess.start();
    await devnet.prepare();
    await devnet.run("owner", "permissions", "1", "--revoke", "1", "--yes");
    const { code, stderr } = await devnet.submit();
    assert.equal(code, 1, stderr);
    assert.match(stderr, /permission/);
    const funds = await devnet.run("builder", "funds");
    assert.match(funds.stdout, /ComputeEngine +1 VANA/);
  },
});

Deno.test({
  name: "a devnet has a refiner for each schema, with rows that are made up",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "schemas-" });
    const files = ["shops", "tracks"].map((table) => {
      const file = folder.join(`${table}.json`);
      const schema = `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL)`;
      const definition = { name: table, version: "1.0.0", dialect: "sqlite", schema };
      Deno.writeTextFileSync(file, JSON.stringify(definition));
      return file;
    });
    await using devnet = await DevnetProcess.start(files.flatMap((file) => ["--schema", file]));
    for (const [at, table] of ["shops", "tracks"].entries()) {
      const { code, stdout, stderr } = await devnet.run("builder", "schema", `${at + 1}`);
      assert.equal(code, 0, stderr);
      assert.match(stdout, new RegExp(`\\b${table}\\b`));
    }
    await devnet.prepare(2n);
    const query = "SELECT name FROM tracks ORDER BY id LIMIT 2";
    const { code, stdout, stderr, output } = await devnet.submit(query, "2");
    assert.equal(code, 0, `${stdout}${stderr}`);
    assert.equal(namesIn(`${output}/query_results.db`).length, 2);
  },
});

Deno.test({
  name: "a devnet refuses a schema that can't be queried",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "schemas-" });
    const file = folder.join("schema.json");
    Deno.writeTextFileSync(file, `{"name": "x", "dialect": "json", "schema": {}}`);
    const { code, stderr } = await runTask("devnet", ["--port", "0", "--schema", file]);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /Can't use the schema .*schema\.json: The definition has the dialect json/,
    );
  },
});

Deno.test({
  name: "a devnet shows keys and addresses, and says so where a port is taken",
  ignore: !canRunEvm || !canCompile || !canMakeBase,
  async fn() {
    await using devnet = await DevnetProcess.start();
    for (const part of ["operator", "owner", "builder", "tee", "queryEngine"]) {
      const key = devnet.devnet.keys[part]!;
      assert.ok(devnet.shown.includes(`${key}  ${privateKeyToAccount(key).address}`), part);
    }
    for (const address of Object.values(devnet.devnet.contracts)) {
      assert.ok(devnet.shown.includes(address));
    }
    const { port } = new URL(devnet.devnet.rpc);
    const { code, stderr } = await runTask("devnet", ["--port", port]);
    assert.equal(code, 1);
    assert.match(stderr, /anvil doesn't start: .*in use/s);
    const second = await devnet.run("builder", "devnet", "--port", "0");
    assert.equal(second.code, 1);
    assert.match(
      second.stderr,
      new RegExp(`A devnet runs already, with its RPC at ${devnet.devnet.rpc}`),
    );
  },
});
