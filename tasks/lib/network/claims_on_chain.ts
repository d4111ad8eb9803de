/**
 * What the archives of instructions say of their jobs.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { printable } from "../../../src/printable.ts";
import { fetchArchive, isUrl } from "../audit/fetch_archive.ts";
import { type JobClaims, readClaims } from "../audit/job_claims.ts";
import { ToolError } from "../errors.ts";
import { mapSomeAtOnce } from "../some_at_once.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Instruction } from "./instructions.ts";
import { type Network, reachOf } from "./network.ts";

/** What an instruction's archive says of its job, or why that isn't known. */
export type ClaimedJob = JobClaims | { unknown: string };

/** Options of {@linkcode readClaimsOf}. */
export interface ClaimOptions {
  /**
   * Accept `http:` URLs that lead to this machine itself.
   *
   * @default false
   */
  allowHttp?: boolean;
}

/** So many archives are downloaded at a time. */
const AT_ONCE = 3;
/** So many archives are downloaded in all: each may have some 40 MB. */
const MOST_ARCHIVES = 20;
/** How long a download may take. */
const PATIENCE_MS = 120_000;

/** Reads what the archives of instructions say, of the first 20 of them. What can't be read is told as unknown. */
export async function readClaimsOf(
  network: Network,
  instructions: readonly Instruction[],
  { allowHttp = false }: ClaimOptions,
): Promise<ClaimedJob[]> {
  const read = await mapSomeAtOnce(instructions.slice(0, MOST_ARCHIVES), AT_ONCE, async (one) => {
    try {
      return await readOne(network, one, allowHttp);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return { unknown: printable(messageOf(error)) };
    }
  });
  const others = instructions.slice(MOST_ARCHIVES).map(() => ({
    unknown: `not read: only the newest ${MOST_ARCHIVES} archives are downloaded`,
  }));
  return [...read, ...others];
}

async function readOne(
  network: Network,
  { url, sha256: expected }: Instruction,
  allowHttp: boolean,
): Promise<JobClaims> {
  // Anyone can register any text: it must not be taken for a file of this machine.
  if (!isUrl(url)) throw new ToolError("its URL isn't valid");
  using folder = new TemporaryFolder({ prefix: "claims-" });
  const deadline = performance.now() + PATIENCE_MS;
  const { path, sha256 } = await fetchArchive(url, {
    path: folder.join("archive"),
    reach: reachOf(network),
    allowHttp,
    expected,
    onProgress() {
      if (performance.now() < deadline) return;
      throw new ToolError(
        `its URL serves the archive too slowly: not complete after ${PATIENCE_MS / 1000} s`,
      );
    },
  });
  if (sha256 !== expected) {
    throw new ToolError("its URL serves an archive with another SHA-256 than the one on-chain");
  }
  return await readClaims(path);
}
