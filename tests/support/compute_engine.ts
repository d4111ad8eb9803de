/**
 * A Compute Engine for tests, over jobs that are in memory instead of on a chain.
 *
 * @module
 */

import { join } from "node:path";
import type { PrivateKeyAccount } from "viem/accounts";
import { privateKeyToAccount } from "viem/accounts";
import type { RemoteJob } from "../../tasks/lib/compute_engine/client.ts";
import { JobText } from "../../tasks/lib/compute_engine/job_text.ts";
import {
  type ComputeEngine,
  type ComputeEngineOptions,
  type SeenRequest,
  startComputeEngine,
} from "../../tasks/lib/devnet/compute_engine/engine.ts";
import type { Ledger, LedgerJob } from "../../tasks/lib/devnet/compute_engine/ledger.ts";
import type { RunTask } from "../../tasks/lib/devnet/compute_engine/runs.ts";
import { guardedConnect } from "../../tasks/lib/http/guarded_client.ts";

/** Owns the jobs of tests. */
export const OWNER: PrivateKeyAccount = privateKeyToAccount(`0x${"22".repeat(32)}`);
/** Owns nothing. */
export const STRANGER: PrivateKeyAccount = privateKeyToAccount(`0x${"33".repeat(32)}`);
/** The TEE of tests. */
export const TEE = privateKeyToAccount(`0x${"44".repeat(32)}`).address;

/** The files of a job that writes two. */
export function writeTwo({ output, log }: RunTask): Promise<void> {
  log("writing");
  log("\tindented \x1b");
  Deno.writeTextFileSync(join(output, "report.csv"), "a,b\r\n1,2\r\n");
  Deno.mkdirSync(join(output, "by_day"));
  Deno.writeTextFileSync(join(output, "by_day/1.json"), "[1]\n");
  return Promise.resolve();
}

/** A Compute Engine that ends, with all it wrote, at the end of the `await using` block. */
export class TestComputeEngine implements AsyncDisposable {
  /** The requests so far. */
  readonly seen: SeenRequest[] = [];
  /** What the chain has: job 12 is sound, and may be changed. */
  readonly job: LedgerJob;
  /** What the chain was told. */
  readonly told: string[] = [];
  /** The DLP of refiner 7; `undefined`: there is no such refiner. */
  dlp: bigint | undefined = 3n;
  /** Whether instruction 5 is there. */
  hasInstruction = true;
  /** Whether instruction 5 is approved for the DLP. */
  approved = true;
  /** Whether the archive is there and has its SHA-256. */
  imageIsSound = true;
  readonly #folder = Deno.makeTempDirSync({ prefix: "compute-engine-" });
  readonly #engine: ComputeEngine;

  /** Starts it. */
  constructor(options: Partial<ComputeEngineOptions> = {}) {
    this.#engine = startComputeEngine({
      tee: TEE,
      ledger: this.#ledger(),
      checkImage: () => Promise.resolve(this.imageIsSound),
      run: writeTwo,
      folder: this.#folder,
      onRequest: (request) => this.seen.push(request),
      ...options,
    });
    this.job = {
      owner: OWNER.address,
      tee: TEE,
      teeUrl: this.#engine.url,
      instruction: 5n,
      maxTimeout: 30,
      canceled: false,
    };
  }

  #ledger(): Ledger {
    return {
      job: (id) => Promise.resolve(id === 12n ? this.job : undefined),
      dlpOf: (refiner) => Promise.resolve(refiner === 7n ? this.dlp : undefined),
      instruction: () =>
        Promise.resolve(
          this.hasInstruction ? { url: "https://example.com/job.tar.gz", sha256: "" } : undefined,
        ),
      isApproved: () => Promise.resolve(this.approved),
      setStatus: (_, status, message) => {
        this.told.push(status + (message && `: ${message}`));
        return Promise.resolve();
      },
    };
  }

  /** Its URL. */
  get url(): string {
    return this.#engine.url;
  }

  /** The way to job 12, as its owner asks. */
  async remote(
    { id = 12n, by = OWNER }: { id?: bigint; by?: PrivateKeyAccount } = {},
  ): Promise<RemoteJob> {
    const signature = await by.signMessage({ message: `${id}` });
    const base = new URL(`${this.url}/`);
    const connect = guardedConnect("loopback");
    return { id, access: { base, signature, connect, text: new JobText([signature]) } };
  }

  /** What a job's POST holds. */
  static async input(): Promise<
    { query: string; signature: string; params: string; refiner: bigint }
  > {
    const query = "SELECT 1";
    const signature = await OWNER.signMessage({ message: query });
    return { query, signature, params: "[]", refiner: 7n };
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
