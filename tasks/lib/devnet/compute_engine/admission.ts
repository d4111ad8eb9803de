/**
 * Which requests a Compute Engine admits: its checks, in their order and with their messages, as they
 * are in the router of Vana's demo (`vana-com/data-access-demo`, `docs/endpoints.md`).
 *
 * @module
 */

import { type Address, isAddressEqual } from "viem";
import { recoverSigner } from "../../engine/signature.ts";
import { ApiError, invalid } from "./api_error.ts";
import type { Ledger, LedgerInstruction, LedgerJob } from "./ledger.ts";

/** What an engine is asked about. */
export interface Claim {
  /** The job's id. */
  id: bigint;
  /** What the header with the signature holds; `null` without one. */
  signature: string | null;
}

/** What admission needs to know of the engine. */
export interface Gate {
  /** The chain. */
  ledger: Ledger;
  /** The engine's TEE. */
  tee: Address;
  /** The engine's URL, as the chain should have it. */
  url: string;
  /** Whether the archive at an instruction's URL is there and has its SHA-256. */
  checkImage(instruction: LedgerInstruction): Promise<boolean>;
}

/** A job that may run. */
export interface AdmittedJob extends LedgerJob {
  /** The image that it runs. */
  image: LedgerInstruction;
}

/**
 * Admits a job to be run.
 *
 * @throws {ApiError} It isn't admitted.
 */
export async function admitJob(
  { ledger, tee, url, checkImage }: Gate,
  claim: Claim,
  refiner: bigint,
): Promise<AdmittedJob> {
  const { id } = claim;
  const signer = await signerOf(claim);
  const job = await ledger.job(id);
  if (job === undefined) {
    throw new ApiError(
      404,
      `Job '${id}' is not registered on-chain. Please register the job and then resubmit to the ` +
        "Compute Engine.",
    );
  }
  if (job.tee === undefined) {
    throw new ApiError(
      400,
      `Job '${id}' is not assigned to a TEE on-chain. Please resubmit the job.`,
    );
  }
  if (!isAddressEqual(job.tee, tee)) {
    throw new ApiError(403, `Job assigned to other TEE '${job.tee}'`);
  }
  if (job.teeUrl !== url) {
    throw new ApiError(403, `On-chain TEE url does not match our URL '${url}'`);
  }
  if (!isAddressEqual(signer, job.owner)) {
    throw new ApiError(403, "Invalid job signature for registered job owner");
  }
  const dlp = await ledger.dlpOf(refiner);
  if (dlp === undefined) {
    throw new ApiError(
      404,
      `Data refiner '${refiner}' for the registered job '${id}' is not registered on-chain.`,
    );
  }
  const image = await ledger.instruction(job.instruction);
  if (image === undefined) throw new ApiError(422, "Invalid onchain compute instruction");
  if (!await ledger.isApproved(job.instruction, dlp)) {
    throw new ApiError(401, "On-chain DLP owner approval required for compute job instructions");
  }
  if (!await checkImage(image)) throw new ApiError(400, "Invalid instruction image");
  return { ...job, image };
}

/**
 * Makes sure that a job's owner asks.
 *
 * @param refusal What is said to others.
 * @throws {ApiError} Another asks, or there is no such job.
 */
export async function admitOwner(
  { ledger }: Gate,
  claim: Claim,
  refusal: string,
): Promise<LedgerJob> {
  const signer = await signerOf(claim);
  const job = await ledger.job(claim.id);
  if (job === undefined) throw new ApiError(404, "Job not found");
  if (!isAddressEqual(signer, job.owner)) throw new ApiError(403, refusal);
  return job;
}

async function signerOf({ id, signature }: Claim): Promise<Address> {
  if (signature === null) {
    throw invalid(["header", "x-job-id-signature"], "Field required", "missing");
  }
  const signer = await recoverSigner(`${id}`, signature);
  if (signer !== undefined) return signer;
  throw new ApiError(403, "Access denied: Signature not from authorized wallet");
}
