/**
 * What happens on a devnet's chain, in words: who did what, for how much.
 *
 * @module
 */

import { parseEventLogs } from "viem";
import { RevertedError } from "../chain/errors.ts";
import { ToolError } from "../errors.ts";
import { describeAmount } from "../network/amounts.ts";
import { chainText } from "../network/chain_text.ts";
import { describeScope } from "../network/change_permissions.ts";
import { COMPUTE_ENGINE_ABI } from "../network/compute_engine.ts";
import { type Currency, readCurrency } from "../network/funds.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../network/instruction_registry.ts";
import { statusName } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import { QUERY_ENGINE_ABI } from "../network/query_engine.ts";
import { explainUnassigned } from "../network/unassigned.ts";

const EVERY_MS = 300;

const EVENTS_ABI = [...COMPUTE_ENGINE_ABI, ...QUERY_ENGINE_ABI, ...INSTRUCTION_REGISTRY_ABI]
  .filter((item) => item.type === "event");

/** An event of the contracts. */
type ChainEvent = ReturnType<typeof parseEventLogs<typeof EVENTS_ABI>>[number];

/**
 * Follows what happens, from now on.
 *
 * @param tell Gets a line an event.
 * @returns Stops it.
 */
export function followEvents(network: Network, tell: (line: string) => void): () => Promise<void> {
  const stop = new AbortController();
  const followed = follow(network, tell, stop.signal);
  return async () => {
    stop.abort();
    await followed;
  };
}

async function follow(
  network: Network,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  let next = await network.ask((client) => client.getBlockNumber({ cacheTime: 0 })) + 1n;
  while (!signal.aborted) {
    try {
      const latest = await network.ask((client) => client.getBlockNumber({ cacheTime: 0 }));
      if (latest >= next) {
        for (const line of await describeBlocks(network, next, latest)) tell(line);
        next = latest + 1n;
      }
    } catch (error) {
      // The chain may be stopping, or busy.
      if (!(error instanceof ToolError)) throw error;
    }
    await new Promise<void>((done) => {
      const timer = setTimeout(done, EVERY_MS);
      signal.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
    });
  }
}

async function describeBlocks(
  network: Network,
  fromBlock: bigint,
  toBlock: bigint,
): Promise<string[]> {
  const { ComputeEngine, QueryEngine, ComputeInstructionRegistry } = network.contracts;
  const address = [ComputeEngine, QueryEngine, ComputeInstructionRegistry];
  const logs = await network.ask((client) => client.getLogs({ address, fromBlock, toBlock }));
  const events = parseEventLogs({ abi: EVENTS_ABI, logs });
  return await Promise.all(events.map((event) => describe(network, event)));
}

async function describe(network: Network, event: ChainEvent): Promise<string> {
  const amount = async (token: Currency["token"], wei: bigint) => {
    try {
      return describeAmount(wei, await readCurrency(network, token));
    } catch (error) {
      if (!(error instanceof RevertedError)) throw error;
      return `${wei} of ${token}`;
    }
  };
  switch (event.eventName) {
    case "JobRegistered":
      return `job ${event.args.jobId}: submitted by ${event.args.ownerAddress}`;
    case "TeeAssignmentSucceeded":
      return `job ${event.args.jobId}: taken by the TEE ${event.args.teeAddress}`;
    case "TeeAssignmentFailed":
      return `job ${event.args.jobId}: no TEE took it: ${explainUnassigned(event.args.reason)}`;
    case "JobStatusUpdated": {
      const { jobId, status, statusMessage } = event.args;
      const message = statusMessage === "" ? "" : `: ${chainText(statusMessage)}`;
      return `job ${jobId}: ${statusName(status)}${message}`;
    }
    case "JobCanceled":
      return `job ${event.args.jobId}: canceled by its owner`;
    case "PaymentExecuted": {
      const { jobId, token, amount: paid } = event.args;
      return `job ${jobId}: paid ${await amount(token, paid)}`;
    }
    case "Deposit": {
      const { account, token, amount: moved } = event.args;
      return `${account} deposited ${await amount(token, moved)}`;
    }
    case "Withdraw": {
      const { account, token, amount: moved } = event.args;
      return `${account} withdrew ${await amount(token, moved)}`;
    }
    case "PermissionAdded": {
      const { permissionId, refinerId, tableName: table, columnName: column, tokenAddress, price } =
        event.args;
      return `permission ${permissionId}: ${describeScope({ table, column })} of refiner ` +
        `${refinerId} for ${await amount(tokenAddress, price)}`;
    }
    case "PermissionApprovalUpdated":
      return `permission ${event.args.permissionId}: ` +
        (event.args.approved ? "stands again" : "revoked");
    case "ComputeInstructionAdded": {
      const { computeInstructionId: id, computeInstructionUrl: url } = event.args;
      return `instruction ${id}: registered at ${chainText(url)}`;
    }
    case "ComputeInstructionUpdated": {
      const { computeInstructionId: id, dlpId, approved } = event.args;
      return `instruction ${id}: ${approved ? "approved" : "revoked"} for DLP ${dlpId}`;
    }
  }
}
