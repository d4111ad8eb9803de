/**
 * What the ComputeEngine says about jobs.
 *
 * @module
 */

import {
  type Address,
  type Hex,
  isAddressEqual,
  parseEventLogs,
  type TransactionReceipt,
  zeroAddress,
} from "viem";
import { readContract } from "../chain/read.ts";
import { ToolError } from "../errors.ts";
import { computeEngine } from "./compute_engine.ts";
import type { Network } from "./network.ts";
import { explainUnassigned } from "./unassigned.ts";

/** The statuses that the contract numbers from 0. */
const STATUSES = [
  "none",
  "registered",
  "submitted",
  "running",
  "completed",
  "failed",
  "canceled",
] as const;

/** How far a job has come, as the chain says: `registered` waits for a TEE, `submitted` has one. */
export type JobStatus = Exclude<typeof STATUSES[number], "none">;

/** The name of a status that the contract numbers; `undefined` if it has none of that number. */
export function statusName(number: number): typeof STATUSES[number] | undefined {
  return STATUSES[number];
}

/** A job. */
export interface Job {
  /** Its id. */
  id: bigint;
  /** Who submitted it, and pays. */
  owner: Address;
  /** The instruction that it runs. */
  instruction: bigint;
  /** The time that it may take, in seconds. */
  maxTimeout: bigint;
  /** Whether it needs a GPU. */
  gpu: boolean;
  /** How far it has come. */
  status: JobStatus;
  /** What the TEE said with the status: any text of any length. */
  statusMessage: string;
  /** When it was submitted. */
  added: Date;
  /** The TEE that runs it, and the pool that the TEE is in; `undefined` while no TEE has taken it. */
  assigned?: Assignment;
}

/** A TEE that took a job. */
export interface Assignment {
  /** The pool's contract. */
  pool: Address;
  /** The TEE's account. */
  tee: Address;
}

/**
 * Reads a job.
 *
 * @throws {ToolError} There is none with that id, or the RPC can't be asked.
 */
export async function readJob(network: Network, id: bigint): Promise<Job> {
  const engine = computeEngine(network);
  const read = await readContract(network, { ...engine, functionName: "jobs" }, [id]);
  const status = statusName(read.status);
  if (status === undefined) {
    throw new ToolError(
      `The ComputeEngine ${engine.address} on ${network.chain.name} says that job ${id} has status ` +
        `${read.status}; expected at most ${STATUSES.length - 1}. Is it another contract?`,
    );
  }
  if (status === "none") {
    const count = await readContract(network, { ...engine, functionName: "jobsCount" }, []);
    throw new ToolError(
      `There is no job ${id} in the ComputeEngine ${engine.address} on ${network.chain.name}, which ` +
        `has ${count}; expected the id of one that was submitted there`,
    );
  }
  const { teePoolAddress: pool, teeAddress: tee } = read;
  return {
    id,
    owner: read.ownerAddress,
    instruction: BigInt(read.computeInstructionId),
    maxTimeout: read.maxTimeout,
    gpu: read.gpuRequired,
    status,
    statusMessage: read.statusMessage,
    added: new Date(read.addedTimestamp * 1000),
    assigned: tee === zeroAddress ? undefined : { pool, tee },
  };
}

/** What a transaction that submitted a job did. */
export interface Submission {
  /** The job's id. */
  id: bigint;
  /** Who submitted it. */
  owner: Address;
  /** The TEE that took it, if one did. */
  assigned?: Assignment;
  /** Why no TEE took it, in words, if none did. The transaction succeeds all the same. */
  unassigned?: string;
}

/** Reads which job a mined transaction submitted; `undefined` if it submitted none. */
export function submissionOf(
  network: Network,
  { logs }: TransactionReceipt,
): Submission | undefined {
  const { abi, address } = computeEngine(network);
  const events = parseEventLogs({ abi, logs: logs.filter((log) => isOf(log, address)) });
  const registered = events.find((event) => event.eventName === "JobRegistered");
  if (registered === undefined) return undefined;
  const { jobId: id, ownerAddress: owner } = registered.args;
  let assigned: Assignment | undefined;
  let reason: Hex | undefined;
  for (const event of events) {
    if (event.eventName === "TeeAssignmentSucceeded" && event.args.jobId === id) {
      assigned = { pool: event.args.teePoolAddress, tee: event.args.teeAddress };
    } else if (event.eventName === "TeeAssignmentFailed" && event.args.jobId === id) {
      reason = event.args.reason;
    }
  }
  return { id, owner, assigned, unassigned: reason && explainUnassigned(reason) };
}

function isOf(log: { address: Address }, address: Address): boolean {
  return isAddressEqual(log.address, address);
}

/**
 * Reads what a job has paid to a DLP.
 *
 * @returns The amount in the token's smallest unit.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readPaid(
  network: Network,
  { job, dlp, token = zeroAddress }: { job: bigint; dlp: bigint; token?: Address },
): Promise<bigint> {
  const called = { ...computeEngine(network), functionName: "paymentInfo" } as const;
  return await readContract(network, called, [job, dlp, token]);
}

/** A payment for a job. */
export interface Payment {
  /** What it was made in: a token's contract, or {@linkcode zeroAddress} for the chain's own money. */
  token: Address;
  /** The amount in the token's smallest unit. */
  amount: bigint;
}

/**
 * Reads all payments for a job, whichever DLP got them, from the contract's events.
 *
 * @throws {ToolError} The RPC doesn't give events that far back; many limit it.
 */
export async function readPayments(network: Network, job: bigint): Promise<Payment[]> {
  const events = await network.ask((client) =>
    client.getContractEvents({
      ...computeEngine(network),
      eventName: "PaymentExecuted",
      args: { jobId: job },
      fromBlock: "earliest",
      strict: true,
    })
  );
  return events.map(({ args: { token, amount } }) => ({ token, amount }));
}
