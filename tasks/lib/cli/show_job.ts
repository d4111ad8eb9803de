/**
 * Shows what is known of a job.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { print } from "../cli.ts";
import { describePayments } from "../jobs/describe_payments.ts";
import type { KnownJob } from "../jobs/inspect.ts";
import { describeMessage } from "../jobs/status_message.ts";
import { chainText } from "../network/chain_text.ts";
import type { Network } from "../network/network.ts";
import { shortPath } from "../person_path.ts";

/** Prints it for people. */
export async function showJob(network: Network, known: KnownJob): Promise<void> {
  const { job, tee, unassigned, payments, report, unanswered, folder } = known;
  const { chain } = network;
  print(`Job ${job.id} on ${chain.name} (chain ${chain.id})`);
  print(`  owner        ${job.owner}`);
  print(`  instruction  ${job.instruction}`);
  print(`  time         at most ${job.maxTimeout} s${job.gpu ? ", with a GPU" : ""}`);
  print(`  submitted    ${describeAge(job.added)}`);
  print(`  status       ${job.status}${describeMessage(job.statusMessage)}`);
  print(`  TEE          ${describeTee(known)}`);
  if (tee !== undefined) print(`  URL          ${chainText(tee.url)}`);
  if (unassigned !== undefined) print(`  not taken    ${unassigned}`);
  if (report !== undefined) print(`  engine       ${report.status}${report.reason}`);
  for (const { name } of report?.artifacts ?? []) print(`  artifact     ${printable(name)}`);
  if (unanswered !== undefined) print(`  engine       no answer: ${printable(unanswered)}`);
  print(`  paid         ${await describePayments(network, payments)}`);
  if (folder !== undefined) print(`  artifacts    ${shortPath(folder)}`);
}

function describeTee({ job: { assigned }, tee }: KnownJob): string {
  if (assigned === undefined) return "none has taken it";
  return assigned.tee + (tee?.active === false ? ", which its pool has removed" : "");
}

function describeAge(date: Date): string {
  const minutes = Math.floor((Date.now() - date.getTime()) / 60_000);
  const ago = minutes < 1
    ? "less than a minute ago"
    : minutes < 120
    ? `${minutes} min ago`
    : `${Math.floor(minutes / 60)} h ago`;
  return `${date.toISOString()}, ${ago}`;
}

/** For programs. Ids and amounts are strings, as they can be larger than JSON's exact numbers. */
export function jobToJson({ network, chain }: Network, known: KnownJob): unknown {
  const { job, tee, unassigned, payments, report, unanswered, folder, state } = known;
  return {
    network,
    chainId: chain.id,
    id: `${job.id}`,
    owner: job.owner,
    instruction: `${job.instruction}`,
    maxTime: `${job.maxTimeout}`,
    gpu: job.gpu,
    submitted: job.added.toISOString(),
    status: job.status,
    statusMessage: job.statusMessage,
    tee: job.assigned && { ...job.assigned, url: tee?.url, active: tee?.active },
    unassigned,
    engine: report && {
      state: report.state,
      status: report.status,
      reason: report.reason,
      artifacts: report.artifacts.map(({ name, size }) => ({ name, size })),
    },
    unanswered,
    paid: payments?.map(({ token, amount }) => ({ token, amount: `${amount}` })),
    folder,
    state,
  };
}
