/**
 * Looks for every reason for which a job would be refused, before anything is paid.
 *
 * @module
 */

import type { Address } from "viem";
import { exists } from "../../../src/files.ts";
import { isLoopback } from "../../../src/loopback.ts";
import { fetchArchive } from "../audit/fetch_archive.ts";
import { UnreachableError } from "../chain/errors.ts";
import { formatAmount } from "../chain/transaction.ts";
import { ToolError } from "../errors.ts";
import { chainText } from "../network/chain_text.ts";
import { readFunds } from "../network/funds.ts";
import { type Instruction, isApproved, readInstruction } from "../network/instructions.ts";
import { type Network, reachOf } from "../network/network.ts";
import { readRefiner, type Refiner } from "../network/refiners.ts";
import type { OnProgress } from "../screen/progress.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { checkTees } from "./check_tees.ts";
import { checkPermitted } from "./check_permitted.ts";
import type { Findings, Problem, ProblemKind } from "./findings.ts";
import type { Order } from "./order.ts";

/** How it is looked for. */
export interface CheckOptions {
  /** Who submits the job, and pays. */
  account: Address;
  /** How many such jobs are to be paid. */
  jobs: bigint;
  /** Called while the instruction's archive is downloaded. */
  onProgress: OnProgress;
}

/**
 * Looks for every reason for which a job would be refused: the Compute Engine's own checks, the
 * permissions, the price, and the TEEs that it can come to.
 *
 * @throws {UnreachableError} The chain can't be asked.
 */
export async function checkOrder(
  network: Network,
  order: Order,
  { account, jobs, onProgress }: CheckOptions,
): Promise<Findings> {
  const problems: Problem[] = [];
  const warnings: string[] = [];
  const orProblem = async <T>(kind: ProblemKind, work: () => Promise<T>) => {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ToolError) || error instanceof UnreachableError) throw error;
      problems.push({ kind, text: error.message });
      return undefined;
    }
  };
  const instruction = await orProblem(
    "instruction",
    () => readInstruction(network, order.instruction),
  );
  const refiner = await orProblem("refiner", () => readRefiner(network, order.refiner));
  if (instruction && refiner) problems.push(...await checkApproval(network, instruction, refiner));
  if (instruction) {
    await orProblem("image", () => checkImage(network, instruction, onProgress));
  }
  for (
    const found of [
      await checkPermitted(network, order, { account, jobs }),
      await checkTees(network, order),
    ]
  ) {
    problems.push(...found.problems);
    warnings.push(...found.warnings);
  }
  problems.push(...await checkDeposit(network, order, account));
  if (order.folder !== undefined && exists(order.folder)) {
    problems.push({ kind: "folder", text: `${order.folder} already exists and isn't replaced` });
  }
  return { problems, warnings };
}

async function checkApproval(
  network: Network,
  { id }: Instruction,
  { id: refiner, dlp }: Refiner,
): Promise<Problem[]> {
  if (await isApproved(network, { id, dlp })) return [];
  return [{
    kind: "approval",
    text: `Instruction ${id} isn't approved for DLP ${dlp}, whose data refiner ${refiner} holds`,
  }];
}

/** The archives that were downloaded and had their SHA-256: a batch has many jobs of one instruction. */
const sound = new Set<string>();

async function checkImage(
  network: Network,
  { id, url, sha256 }: Instruction,
  onProgress: OnProgress,
): Promise<void> {
  if (sound.has(`${sha256} ${url}`)) return;
  const shown = chainText(url);
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new ToolError(
      `The URL of instruction ${id}'s archive is "${shown}"; expected an https URL`,
    );
  }
  using folder = new TemporaryFolder({ prefix: "submit-" });
  const found = await fetchArchive(url, {
    path: folder.join("archive"),
    allowHttp: isLoopback(network.rpc.url),
    reach: reachOf(network),
    expected: sha256,
    onProgress,
  });
  if (found.sha256 !== sha256) {
    throw new ToolError(
      `${shown} serves other bytes (SHA-256 ${found.sha256}) than instruction ${id} has ` +
        `(SHA-256 ${sha256})`,
    );
  }
  sound.add(`${sha256} ${url}`);
}

async function checkDeposit(
  network: Network,
  { deposit }: Order,
  account: Address,
): Promise<Problem[]> {
  if (deposit === 0n) return [];
  const { wallet } = await readFunds(network, account);
  if (wallet > deposit) return [];
  return [{
    kind: "deposit",
    text:
      `The account ${account} has ${
        formatAmount(wallet, network)
      }, which doesn't cover a deposit of ` +
      formatAmount(deposit, network),
  }];
}
