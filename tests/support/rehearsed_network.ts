/**
 * The network that `rehearse --keep` leaves: all that a job needs is on it, and one job has run.
 *
 * @module
 */

import { type Abi, type ContractFunctionName, encodeAbiParameters, parseAbiParameters } from "viem";
import { type Address, zeroAddress } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { exists } from "../../src/files.ts";
import {
  DEVNET_DLP,
  type DevnetKeys,
  type LocalChain,
  openChain,
} from "../../tasks/lib/devnet/chain.ts";
import { readDevnetFile } from "../../tasks/lib/devnet/devnet_file.ts";
import type { Write } from "../../tasks/lib/devnet/wallet.ts";
import { computeEngine } from "../../tasks/lib/network/compute_engine.ts";
import { readDeposit } from "../../tasks/lib/network/funds.ts";
import { readPayments } from "../../tasks/lib/network/jobs.ts";
import { findPool, readTee, type Tee } from "../../tasks/lib/network/tees.ts";
import { Checkout } from "./checkout.ts";
import { OPERATION_ABI } from "./operation_abi.ts";
import type { Outcome } from "./run.ts";

const NO_BASE = `127.0.0.1:1/base@sha256:${"5c".repeat(32)}`;

/** Where the money of a network is, in wei; in the wallets as if no transaction had cost a fee. */
export interface Balances {
  /** The builder's wallet. */
  wallet: bigint;
  /** The builder's balance in the ComputeEngine. */
  deposit: bigint;
  /** What the DLP has earned. */
  dlp: bigint;
  /** The wallet of the network's operator, who gets the rest of each payment. */
  operator: bigint;
}

/** A rehearsal that has been made, and whose network runs until the end of the `await using` block. */
export class RehearsedNetwork implements AsyncDisposable {
  /** The chain. */
  readonly chain: LocalChain;
  /** The folder with the rehearsal's artifacts. */
  readonly folder: string;
  readonly #checkout: Checkout;
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;

  private constructor(
    { checkout, process, reader, folder }: {
      checkout: Checkout;
      process: Deno.ChildProcess;
      reader: ReadableStreamDefaultReader<string>;
      folder: string;
    },
  ) {
    this.#checkout = checkout;
    this.#process = process;
    this.#reader = reader;
    this.folder = folder;
    this.chain = openChain(readDevnetFile(checkout.join(".cache/devnet.json")));
  }

  /** Rehearses a job of one's own, which is in the folder `examples`, and runs from its source. */
  static async start(source: string): Promise<RehearsedNetwork> {
    const checkout = new Checkout("checkout", { mtime: 0 });
    Deno.mkdirSync(checkout.join(".cache"));
    const entry = checkout.join("examples/rehearsed.ts");
    Deno.writeTextFileSync(entry, source);
    const process = checkout.spawn("rehearse", ["--entry", entry, "--base", NO_BASE, "--keep"]);
    const printed = new Response(process.stdout).text();
    const reader = process.stderr.pipeThrough(new TextDecoderStream()).getReader();
    let said = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`The rehearsal fails: ${said}${await printed}`);
      said += value;
      const [, folder] = /runs until Ctrl-C.*, the files in (\S+)\n/.exec(said) ?? [];
      if (folder !== undefined) return new RehearsedNetwork({ checkout, process, reader, folder });
    }
  }

  /** Makes a change as one of its people, and waits until it is mined. */
  async act<
    const A extends Abi,
    const F extends ContractFunctionName<A, "nonpayable" | "payable">,
  >(as: keyof DevnetKeys, write: Write<A, F>): Promise<void> {
    await this.chain.wallet.write(privateKeyToAccount(this.#keys[as]), write);
  }

  /** Submits a job as the builder. Of two values of an option the last one counts. */
  async submit(...args: string[]): Promise<Outcome> {
    const ids = ["--instruction", "1", "--refiner", "1"];
    const flags = ["--network", "devnet", "--allow-http", "--yes"];
    const output = ["--output", this.#checkout.join("out")];
    const env = { PRIVATE_KEY: this.#keys.builder };
    return await this.#checkout.run("submit", [...flags, ...ids, ...output, ...args], env);
  }

  /** Whether a submission has left artifacts. */
  get hasArtifacts(): boolean {
    return exists(this.#checkout.join("out"));
  }

  /** The TEE of the network's Compute Engine, as the pool has it. */
  async tee(): Promise<Tee> {
    const pool = await this.#pool();
    const tee = privateKeyToAccount(this.#keys.tee).address;
    return (await readTee(this.chain.network, { pool, tee }))!;
  }

  /** Adds a TEE to the pool of jobs that take up to five minutes. */
  async addTee({ address, url }: { address: Address; url: string }): Promise<void> {
    const params = encodeAbiParameters(parseAbiParameters("string, string"), [url, ""]);
    const pool = { abi: OPERATION_ABI, address: await this.#pool() } as const;
    await this.act("operator", { ...pool, functionName: "addTee", args: [address, params] });
  }

  /** Removes a TEE from that pool. */
  async removeTee({ address }: { address: Address }): Promise<void> {
    const pool = { abi: OPERATION_ABI, address: await this.#pool() } as const;
    await this.act("operator", { ...pool, functionName: "removeTee", args: [address] });
  }

  /** How many jobs there are. */
  async jobs(): Promise<bigint> {
    const { network, wallet } = this.chain;
    return await wallet.client.readContract({
      ...computeEngine(network),
      functionName: "jobsCount",
    });
  }

  /** What was paid for a job. */
  async paid(job: bigint): Promise<bigint> {
    const payments = await readPayments(this.chain.network, job);
    return payments.reduce((sum, { amount }) => sum + amount, 0n);
  }

  /** Where the money is. */
  async balances(): Promise<Balances> {
    const { network, wallet: { client } } = this.chain;
    const builder = privateKeyToAccount(this.#keys.builder).address;
    const operator = privateKeyToAccount(this.#keys.operator).address;
    const fees = await this.#fees();
    const wallet = async (address: Address) =>
      await client.getBalance({ address }) + (fees.get(address.toLowerCase()) ?? 0n);
    return {
      wallet: await wallet(builder),
      deposit: await readDeposit(network, builder),
      dlp: await client.readContract({
        abi: OPERATION_ABI,
        address: network.contracts.QueryEngine,
        functionName: "balanceOf",
        args: [DEVNET_DLP, zeroAddress],
      }),
      operator: await wallet(operator),
    };
  }

  /** Stops it as Ctrl-C does, and returns its exit code and what is left. */
  async stop(): Promise<{ code: number; left: string[] }> {
    this.#process.kill("SIGINT");
    const { code } = await this.#process.status;
    await this.#reader.cancel();
    const files = [this.#checkout.join(".cache/devnet.json"), this.folder];
    return { code, left: files.filter((path) => exists(path)) };
  }

  get #keys(): DevnetKeys {
    return this.chain.devnet.keys as DevnetKeys;
  }

  async #pool(): Promise<Address> {
    const pool = await findPool(this.chain.network, { maxTimeout: 300n, gpu: false });
    return pool!.address;
  }

  /** What everyone has paid in fees, by addresses in lower case. */
  async #fees(): Promise<Map<string, bigint>> {
    const { client } = this.chain.wallet;
    const fees = new Map<string, bigint>();
    for (let block = await client.getBlockNumber({ cacheTime: 0 }); block > 0n; block--) {
      const { transactions } = await client.getBlock({ blockNumber: block });
      for (const hash of transactions) {
        const { from, gasUsed, effectiveGasPrice } = await client.getTransactionReceipt({ hash });
        fees.set(from, (fees.get(from) ?? 0n) + gasUsed * effectiveGasPrice);
      }
    }
    return fees;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stop();
    } catch {
      // The test has stopped it.
    }
    this.#checkout[Symbol.dispose]();
  }
}
