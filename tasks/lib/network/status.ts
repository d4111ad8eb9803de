/**
 * Tells what is known of an instruction.
 *
 * @module
 */

import { type Hash, isHash } from "viem";
import type { Audit, AuditOptions } from "../audit/audit.ts";
import { auditInstruction } from "./audit_instruction.ts";
import { readChange } from "./changes.ts";
import type { ChainOptions, Connection } from "../chain/connection.ts";
import { parseId } from "./ids.ts";
import { approvedDlps, type Instruction, isApproved, readInstruction } from "./instructions.ts";

/** What is asked. */
export interface StatusOptions extends ChainOptions {
  /**
   * The DLP's id.
   *
   * @default any DLP, or that of the transaction
   */
  dlp?: string;
  /** How the archive is audited, if it is. */
  audit?: AuditOptions;
}

/** What is known of an instruction. */
export interface Status {
  /** The instruction. */
  instruction: Instruction;
  /** The DLP that was asked about, if one was. */
  dlp?: bigint;
  /** Those of the DLPs in question for which the instruction is approved. */
  approvedFor: bigint[];
  /** What the audit of its archive found, if one was asked for. */
  audit?: Audit;
}

/**
 * Reads what is known of an instruction.
 *
 * @param subject The instruction's id, or the hash of a transaction that registered, approved or revoked it.
 * @throws {ToolError} It can't be told.
 */
export async function readStatus(
  connection: Connection,
  subject: string,
  options: StatusOptions,
): Promise<Status> {
  const wanted = options.dlp === undefined ? undefined : parseId(options.dlp, "DLP's id");
  const { id, decision } = isHash(subject)
    ? await readChange(connection, subject as Hash)
    : { id: parseId(subject, "instruction's id or transaction's hash"), decision: undefined };
  const instruction = await readInstruction(connection, id);
  const dlp = wanted ?? decision?.dlp;
  const approvedFor = dlp === undefined
    ? await approvedDlps(connection, id)
    : await isApproved(connection, { id, dlp })
    ? [dlp]
    : [];
  const audit = options.audit && await auditInstruction(connection, instruction, options.audit);
  return { instruction, dlp, approvedFor, audit };
}
