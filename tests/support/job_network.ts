/**
 * A network on which a job can be run: with a refiner, a permission, an approved instruction, and a TEE.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import type { Address, Hash } from "viem";
import { chainLedger } from "../../tasks/lib/devnet/compute_engine/chain_ledger.ts";
import {
  type ComputeEngine,
  type ComputeEngineOptions,
  type SeenRequest,
  startComputeEngine,
} from "../../tasks/lib/devnet/compute_engine/engine.ts";
import type { RunTask } from "../../tasks/lib/devnet/compute_engine/runs.ts";
import { hashBytes } from "../../tasks/lib/hash.ts";
import { readPayments } from "../../tasks/lib/network/jobs.ts";
import { CACHE } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canRunEvm } from "./evm.ts";
import { type Outcome, outcomeOf, spawnTask } from "./run.ts";
import { TestNetwork, type TestNetworkOptions } from "./test_network.ts";
import { writeTwo } from "./compute_engine.ts";

/** What a job's query costs: 0.01 VANA. */
export const PRICE = 10n ** 16n;

const ARCHIVE = "an archive that nobody runs";
const SCHEMA = {
  name: "people",
  version: "1.0.0",
  dialect: "sqlite",
  schema: "CREATE TABLE users (user_id TEXT PRIMARY KEY, name TEXT, locale TEXT);",
};

/** Options of {@linkcode JobNetwork.start}. */
export interface JobNetworkOptions
  extends Pick<ComputeEngineOptions, "faults" | "slowPostMs">, TestNetworkOptions {
  /**
   * Runs a job, once it is paid for.
   *
   * @default it writes two files
   */
  run?: (task: RunTask) => Promise<void>;
}

/** A network with all that a job needs, which ends at the end of the `await using` block. */
export class JobNetwork implements AsyncDisposable {
  /** The chain and its contracts. */
  readonly net: TestNetwork;
  /** The requests to the Compute Engine so far. */
  readonly seen: SeenRequest[] = [];
  /** What the engine's runs were given. */
  readonly inputs: RunTask["input"][] = [];
  /** A folder of the test's own. */
  readonly folder = new TemporaryFolder({ prefix: "jobs-" });
  /** How many POSTs have come to the last of the engine's checks. */
  admitted = 0;
  /** Called after each request to the engine. */
  onRequest: () => void = () => {};
  /** What the archive's URL serves. */
  archive = ARCHIVE;
  /** The instruction's id. */
  instruction = 0n;
  /** The refiner's id. */
  refiner = 0n;
  /** The Compute Engine. */
  readonly engine: ComputeEngine;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  private constructor(net: TestNetwork, { run = writeTwo, ...options }: JobNetworkOptions) {
    this.net = net;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) =>
        request.url.endsWith("/schema.json")
          ? Response.json(SCHEMA)
          : new Response(this.archive, { headers: { "content-type": "application/gzip" } }),
    );
    const { wallet, tee, network } = net;
    const output = this.folder.join("engine");
    Deno.mkdirSync(output);
    this.engine = startComputeEngine({
      tee: tee.account.address,
      ledger: chainLedger(network, { wallet, tee: tee.account }),
      checkImage: () => {
        this.admitted++;
        return Promise.resolve(this.archive === ARCHIVE);
      },
      folder: output,
      onRequest: (request) => {
        this.seen.push(request);
        this.onRequest();
      },
      run: async (task) => {
        const { id: job, input } = task;
        const { refiner } = input;
        this.inputs.push(input);
        await net.requestPayment({ amount: PRICE, job, refiner });
        await run(task);
      },
      ...options,
    });
  }

  /** Starts one. */
  static async start(options: JobNetworkOptions = {}): Promise<JobNetwork> {
    const network = new JobNetwork(await TestNetwork.start(options), options);
    const { net, engine } = network;
    network.refiner = await net.addRefiner({ url: network.at("/schema.json") });
    await net.grant({ refiner: network.refiner, price: PRICE });
    network.instruction = await net.addInstruction({
      sha256: hashBytes(ARCHIVE),
      url: network.at("/job.tar.gz"),
    });
    await net.approve(network.instruction);
    await net.addTee({ url: engine.url });
    await net.deposit(net.builder, 10n * PRICE);
    return network;
  }

  /** The URL of a path of the file server. */
  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  /** Where the artifacts of these tests go. */
  get output(): string {
    return this.folder.join("out");
  }

  /** Starts `submit` as the builder would. */
  spawnSubmit(...args: string[]): Deno.ChildProcess {
    return this.spawn("submit", [
      ...["--instruction", `${this.instruction}`, "--refiner", `${this.refiner}`],
      ...["--query", "SELECT name FROM users", "--output", this.output, "--yes", ...args],
    ]);
  }

  /** Starts a task as the builder would. */
  spawn(task: string, args: readonly string[]): Deno.ChildProcess {
    // Of two values of an option the last one counts.
    return spawnTask(task, [...this.net.flags, ...args], { PRIVATE_KEY: this.net.builder.key });
  }

  /** Runs `submit`; whatever it does, it never shows the key. */
  async submit(...args: string[]): Promise<Outcome> {
    return this.#expectNoKey(await outcomeOf(this.spawnSubmit(...args)));
  }

  /** Runs `job`. */
  async job(...args: string[]): Promise<Outcome> {
    return this.#expectNoKey(await outcomeOf(this.spawn("job", args)));
  }

  #expectNoKey(outcome: Outcome): Outcome {
    const { key } = this.net.builder;
    assert.ok(!`${outcome.stdout}${outcome.stderr}`.includes(key.slice(2)), "a key was shown");
    return outcome;
  }

  /** What was paid for a job, payment by payment. */
  async payments(job = 1n): Promise<bigint[]> {
    return (await readPayments(this.net.network, job)).map(({ amount }) => amount);
  }

  /** How many jobs there are. */
  async jobs(): Promise<bigint> {
    return await this.net.wallet.client.readContract({
      address: this.net.deployment.contracts.ComputeEngine,
      abi: [{
        type: "function",
        name: "jobsCount",
        inputs: [],
        outputs: [{ type: "uint256" }],
        stateMutability: "view",
      }],
      functionName: "jobsCount",
    });
  }

  /**
   * Sends the builder's waiting transaction again for twice the fee, as a wallet can.
   *
   * @param other What it does instead.
   */
  async payMoreFor(hash: Hash, other?: { to: Address }): Promise<void> {
    const { client } = this.net.wallet;
    const { to, input, value, nonce, gas, maxFeePerGas } = await client.getTransaction({ hash });
    const fee = 2n * (maxFeePerGas ?? 0n);
    const signed = await this.net.builder.account.signTransaction({
      type: "eip1559",
      chainId: client.chain.id,
      ...other ?? { to: to!, data: input, value },
      nonce,
      gas,
      maxFeePerGas: fee,
      maxPriorityFeePerGas: fee,
    });
    await client.sendRawTransaction({ serializedTransaction: signed });
  }

  /** How many requests of a kind the engine got. */
  count(method: string, path: RegExp): number {
    return this.seen.filter((one) => one.method === method && path.test(one.path)).length;
  }

  /** The files in the output, by name. */
  files(): Record<string, string> {
    const files: Record<string, string> = {};
    const walk = (prefix: string) => {
      for (const { name, isDirectory } of Deno.readDirSync(join(this.output, prefix))) {
        if (isDirectory) walk(`${prefix}${name}/`);
        else files[prefix + name] = Deno.readTextFileSync(join(this.output, prefix + name));
      }
    };
    walk("");
    return files;
  }

  /** What is written down of the builder's jobs. */
  records(): string[] {
    const folder = join(CACHE, "jobs");
    const own = this.net.builder.account.address.toLowerCase();
    return [...Deno.readDirSync(folder)].map(({ name }) => name)
      .filter((name) => name.startsWith(own)).map((name) => join(folder, name));
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const record of this.records()) Deno.removeSync(record);
    await this.engine.close();
    await this.#server.shutdown();
    this.folder[Symbol.dispose]();
    await this.net[Symbol.asyncDispose]();
  }
}

/** The files of a job that ran. */
export const TWO_FILES = { "report.csv": "a,b\r\n1,2\r\n", "by_day/1.json": "[1]\n" };

/** A test on a network of its own where a job can be run. */
export function testWithJobs(
  name: string,
  fn: (network: JobNetwork) => Promise<void>,
  options?: JobNetworkOptions,
): void {
  Deno.test({
    name,
    ignore: !canRunEvm,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using network = await JobNetwork.start(options);
      await fn(network);
    },
  });
}
