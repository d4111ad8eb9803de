/**
 * Shows how the jobs of a batch ended.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { print } from "../cli.ts";
import type { BatchResult } from "../jobs/batch.ts";
import { describePayments } from "../jobs/describe_payments.ts";
import { chainText } from "../network/chain_text.ts";
import type { Network } from "../network/network.ts";
import { shortPath } from "../person_path.ts";
import { alignedCells } from "./aligned_cells.ts";
import { JOB_EXIT, submitExitCode } from "./job_end.ts";

const LONGEST_REASON = 80;
const ENDS: Readonly<Record<number, string>> = {
  [JOB_EXIT.refused]: "refused",
  [JOB_EXIT.unknown]: "not known yet",
  [JOB_EXIT.failed]: "failed",
};
/**
 * Prints a table of a batch.
 *
 * @returns The exit code: that of the worst of its jobs.
 */
export async function showBatch(
  network: Network,
  results: readonly BatchResult[],
): Promise<number> {
  const rows = [["line", "job", "end", "paid", ""]];
  let code: number = JOB_EXIT.done;
  for (const { line, id, job, error } of results) {
    const start = [`${line}`, id === undefined ? "" : `${id}`];
    if (job !== undefined) {
      const paid = await describePayments(network, job.payments);
      rows.push([...start, "done", paid, shortPath(job.folder)]);
    } else {
      const own = submitExitCode(error, id);
      code = Math.max(code, own);
      rows.push([...start, ENDS[own] ?? "", "", chainText(messageOf(error), LONGEST_REASON)]);
    }
  }
  for (const row of alignedCells(rows)) print(row);
  return code;
}
