/**
 * What a Compute Engine reads from the chain, and writes to it.
 *
 * @module
 */

import type { Address } from "viem";

/** A job, as its engine needs it. */
export interface LedgerJob {
  /** Who submitted it. */
  owner: Address;
  /** The TEE that has it; `undefined` while no TEE has taken it. */
  tee?: Address;
  /** The URL of that TEE, as the chain has it. */
  teeUrl?: string;
  /** The instruction that it runs. */
  instruction: bigint;
  /** The time that it may take, in seconds. */
  maxTimeout: number;
  /** Whether its owner has canceled it. */
  canceled: boolean;
}

/** An instruction, as its engine needs it. */
export interface LedgerInstruction {
  /** Where the archive is. */
  url: string;
  /** The archive's SHA-256, in lower-case hexadecimal. */
  sha256: string;
}

/** The statuses that an engine gives a job on-chain. */
export type LedgerStatus = "running" | "completed" | "failed";

/** The chain, as a Compute Engine sees it. */
export interface Ledger {
  /** Reads a job; `undefined` if there is none with that id. */
  job(id: bigint): Promise<LedgerJob | undefined>;
  /** The DLP of a refiner; `undefined` if there is no such refiner. */
  dlpOf(refiner: bigint): Promise<bigint | undefined>;
  /** Reads an instruction; `undefined` if there is none with that id. */
  instruction(id: bigint): Promise<LedgerInstruction | undefined>;
  /** Whether an instruction may run on a DLP's data. */
  isApproved(instruction: bigint, dlp: bigint): Promise<boolean>;
  /** Says how far a job has come. */
  setStatus(id: bigint, status: LedgerStatus, message: string): Promise<void>;
}
