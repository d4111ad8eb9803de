/**
 * Proves the archive of an instruction against what the chain says.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { isUrl } from "../audit/fetch_archive.ts";
import type { Proof } from "../audit/proof.ts";
import { type ProofOptions, proveArchive } from "../audit/prove.ts";
import { ToolError } from "../errors.ts";
import type { Instruction } from "./instructions.ts";
import { type Network, reachOf } from "./network.ts";

/** Options of {@linkcode proveInstruction}. */
export interface InstructionProofOptions extends Omit<ProofOptions, "expected" | "reach"> {
  /**
   * An archive that was downloaded already.
   *
   * @default what the URL on-chain serves
   */
  archive?: string;
}

/**
 * Proves an instruction's archive, which must have the SHA-256 that is on-chain.
 *
 * @throws {ToolError} There is nothing to prove; see `proveArchive`.
 */
export async function proveInstruction(
  network: Network,
  { id, sha256, url }: Instruction,
  { archive, ...options }: InstructionProofOptions,
): Promise<Proof> {
  if (archive === undefined && !isUrl(url)) {
    // Anyone can register any text: it must not be taken for a file of this machine.
    throw new ToolError(
      `Instruction ${id} has no URL to get an archive from, but ${printable(url) || "nothing"}`,
    );
  }
  const by = `instruction ${id} on ${network.chain.name}`;
  const reach = archive === undefined ? reachOf(network) : "typed";
  return await proveArchive(archive ?? url, { ...options, reach, expected: { sha256, by } });
}
