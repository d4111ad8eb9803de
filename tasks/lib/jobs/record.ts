/**
 * What is known of a job that this machine submits, kept so that a submission that is interrupted at any
 * point goes on where it was: nothing is paid twice.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { type Address, type Hash, isHash } from "viem";
import { messageOf } from "../../../src/errors.ts";
import { temporaryName, writeAll } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { hashBytes } from "../hash.ts";
import type { Network } from "../network/network.ts";

/** What makes two submissions the same. */
export interface JobKey {
  /** The network: its chain and its contracts. */
  network: string;
  /** Who submits it, and pays. */
  account: Address;
  /** The instruction that it runs. */
  instruction: bigint;
  /** The refiner that it queries. */
  refiner: bigint;
  /** The SQL. */
  query: string;
  /** The values of its placeholders, as a JSON array. */
  params: string;
}

/** A transaction that was about to be sent. */
export interface SentTransaction {
  /** Its hash. */
  hash: Hash;
  /** Its number among the account's; of those with one number, one at most is ever mined. */
  nonce: number;
  /** The newest block before it was sent. */
  block: bigint;
  /** The call that it makes, with the contract's address in front. */
  call: string;
}

/** What is known of a submission. No signature is in it. */
export interface JobRecord {
  /** What it is. */
  key: JobKey;
  /** The transactions that may have submitted it, all with one nonce. */
  transactions: SentTransaction[];
  /** The job's id, as soon as it is known. */
  job?: bigint;
  /** When the Compute Engine was given the job, or was about to be, the last time. */
  posted?: Date;
  /** How often that was done without a refusal. */
  posts: number;
  /** Where the artifacts are to go. */
  folder?: string;
  /** Where they are, and the SHA-256 of their file of checksums; written when they are about to be there. */
  artifacts?: { folder: string; checksums: string };
  /** Whether it has ended, and how. */
  end?: { kind: "done" } | { kind: "failed"; reason: string };
}

/**
 * Says which network's jobs are meant: each ComputeEngine counts its own, and each devnet is another chain
 * with the same id and the same addresses.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function networkKey({ network, chain, contracts, ask }: Network): Promise<string> {
  const parts = [`${chain.id}`, ...Object.values(contracts).sort()];
  if (network === "devnet") {
    parts.push((await ask((client) => client.getBlock({ blockNumber: 0n }))).hash);
  }
  return parts.join(" ").toLowerCase();
}

const Id = v.pipe(v.string(), v.regex(/^\d+$/), v.transform((digits) => BigInt(digits)));
const HashText = v.custom<Hash>((value) => typeof value === "string" && isHash(value));
const AddressText = v.custom<Address>((text) => /^0x[0-9a-fA-F]{40}$/.test(String(text)));

const Stored = v.object({
  key: v.object({
    network: v.string(),
    account: AddressText,
    instruction: Id,
    refiner: Id,
    query: v.string(),
    params: v.string(),
  }),
  transactions: v.array(
    v.object({ hash: HashText, nonce: v.number(), block: Id, call: v.string() }),
  ),
  job: v.optional(Id),
  posts: v.number(),
  posted: v.optional(v.pipe(v.string(), v.transform((text) => new Date(text)))),
  folder: v.optional(v.string()),
  artifacts: v.optional(v.object({ folder: v.string(), checksums: v.string() })),
  end: v.optional(v.union([
    v.object({ kind: v.literal("done") }),
    v.object({ kind: v.literal("failed"), reason: v.string() }),
  ])),
});

/** The records of jobs, each a file that only its owner can read. */
export class JobRecords {
  readonly #folder: string;

  /** Keeps them in a folder, which is made when it is needed. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Waits until no other process works on a submission, and works on it.
   *
   * @param onWait Called if there is another.
   */
  async withLock<T>(key: JobKey, onWait: () => void, work: () => Promise<T>): Promise<T> {
    return await this.#locked(`${nameOf(key)}.lock`, onWait, work);
  }

  /** Waits until no other process sends a transaction of an account, and sends one. */
  async withAccount<T>(account: Address, onWait: () => void, work: () => Promise<T>): Promise<T> {
    return await this.#locked(`${account.toLowerCase()}.lock`, onWait, work);
  }

  async #locked<T>(name: string, onWait: () => void, work: () => Promise<T>): Promise<T> {
    this.#makeFolder();
    using file = Deno.openSync(join(this.#folder, name), { create: true, write: true });
    const waiting = setTimeout(onWait, 1000);
    try {
      await file.lock(true);
    } finally {
      clearTimeout(waiting);
    }
    return await work();
  }

  /**
   * The record of a submission; `undefined` if there is none.
   *
   * @throws {ToolError} It can't be read.
   */
  read(key: JobKey): JobRecord | undefined {
    return this.#readFile(`${nameOf(key)}.json`);
  }

  /** The record of a job, or of a transaction, on a network; `undefined` if there is none. */
  find(network: string, subject: bigint | Hash): JobRecord | undefined {
    return this.#all().find(({ key, job, transactions }) =>
      key.network === network &&
      (typeof subject === "bigint"
        ? job === subject
        : transactions.some(({ hash }) => hash === subject.toLowerCase()))
    );
  }

  /** Whether a transaction is known to submit another job than a submission's own. */
  isOther(key: JobKey, hash: Hash): boolean {
    const record = this.find(key.network, hash);
    return record !== undefined && nameOf(record.key) !== nameOf(key);
  }

  /**
   * Writes a record: all of it, or nothing.
   *
   * @throws {ToolError} It can't be written.
   */
  write(record: JobRecord): void {
    this.#makeFolder();
    const path = join(this.#folder, `${nameOf(record.key)}.json`);
    const part = join(this.#folder, temporaryName(".part-"));
    const json = JSON.stringify(
      record,
      (_, value) => typeof value === "bigint" ? `${value}` : value,
      2,
    );
    try {
      using file = Deno.openSync(part, { write: true, createNew: true, mode: 0o600 });
      writeAll(file, new TextEncoder().encode(json));
      file.syncSync();
      Deno.renameSync(part, path);
    } catch (error) {
      throw new ToolError(`Can't record the job in ${path}: ${messageOf(error)}`);
    }
  }

  #makeFolder(): void {
    try {
      Deno.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw new ToolError(`Can't make the folder ${this.#folder}: ${messageOf(error)}`);
    }
  }

  #all(): JobRecord[] {
    let names: string[];
    try {
      names = [...Deno.readDirSync(this.#folder)].map(({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
    const records = names.filter((name) => name.endsWith(".json"));
    return records.flatMap((name) => this.#readFile(name) ?? []);
  }

  #readFile(name: string): JobRecord | undefined {
    const path = join(this.#folder, name);
    try {
      return v.parse(Stored, JSON.parse(Deno.readTextFileSync(path)));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw new ToolError(
        `The record of an earlier submission, ${path}, can't be read (${
          messageOf(error)
        }). Find out ` +
          "whether that job was paid for before you remove the file",
      );
    }
  }
}

function nameOf({ network, account, instruction, refiner, query, params }: JobKey): string {
  const parts = [network, account.toLowerCase(), `${instruction}`, `${refiner}`, query, params];
  return `${account.toLowerCase()}-${hashBytes(JSON.stringify(parts)).slice(0, 32)}`;
}
