/**
 * What a person can change about a job on-chain: cancel it, or offer it to the TEEs again.
 *
 * @module
 */

import { contractCall } from "../chain/call.ts";
import { type Conversation, makeChange, type Outcome, type Signing } from "../chain/change.ts";
import { computeEngine, explainComputeEngine } from "../network/compute_engine.ts";
import type { Network } from "../network/network.ts";

/** A change of a job. */
export type JobChange = "cancel" | "resubmit";

/**
 * Cancels a job, or offers one that no TEE has taken to the TEEs again.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function changeJob(
  network: Network,
  id: bigint,
  change: JobChange,
  signing: Signing,
  conversation: Conversation,
): Promise<Outcome> {
  const called = {
    ...computeEngine(network),
    args: [id] as const,
    explain: explainComputeEngine,
  };
  const call = change === "cancel"
    ? contractCall({ ...called, functionName: "cancelJob" })
    : contractCall({ ...called, functionName: "resubmitJob" });
  const what = change === "cancel" ? `Cancel job ${id}` : `Offer job ${id} to the TEEs again`;
  return await makeChange(
    network,
    {
      call,
      question: { text: `${what} on ${network.chain.name}?`, answer: `${id}` },
    },
    signing,
    conversation,
  );
}
