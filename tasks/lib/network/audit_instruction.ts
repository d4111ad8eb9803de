/**
 * Audits the archive of an instruction against what the chain says.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { isUrl } from "../audit/fetch_archive.ts";
import { type Audit, auditArchive, type AuditOptions } from "../audit/audit.ts";
import { ToolError } from "../errors.ts";
import type { Instruction } from "./instructions.ts";
import { type Network, reachOf } from "./network.ts";

/** Options of {@linkcode auditInstruction}. */
export interface InstructionAuditOptions extends Omit<AuditOptions, "sha256" | "reach"> {
  /**
   * An archive that was downloaded already.
   *
   * @default what the URL on-chain serves
   */
  archive?: string;
}

/**
 * Audits an instruction's archive: it must have the SHA-256 that is on-chain.
 *
 * @throws {ToolError} There is nothing to audit; see `auditArchive`.
 */
export async function auditInstruction(
  network: Network,
  { id, sha256, owner, url }: Instruction,
  { archive, ...options }: InstructionAuditOptions,
): Promise<Audit> {
  if (archive === undefined && !isUrl(url)) {
    // Anyone can register any text: it must not be taken for a file of this machine.
    throw new ToolError(
      `Instruction ${id} has no URL to audit, but ${printable(url) || "nothing"}`,
    );
  }
  const reach = archive === undefined ? reachOf(network) : "typed";
  const audit = await auditArchive(archive ?? url, { ...options, sha256, reach });
  const seen = printable(`${id} on ${network.chain.name}, of ${owner}, at ${url}`);
  audit.checks.unshift({ name: "instruction", status: "ok", seen });
  return audit;
}
