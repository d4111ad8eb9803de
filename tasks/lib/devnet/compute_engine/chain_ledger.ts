/**
 * The ledger of a Compute Engine whose chain is the network's.
 *
 * @module
 */

import { parseAbi } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { UnreachableError } from "../../chain/errors.ts";
import { ToolError } from "../../errors.ts";
import { isApproved, readInstruction } from "../../network/instructions.ts";
import { readJob } from "../../network/jobs.ts";
import type { Network } from "../../network/network.ts";
import { readRefiner } from "../../network/refiners.ts";
import { readTee } from "../../network/tees.ts";
import type { LocalWallet } from "../wallet.ts";
import type { Ledger, LedgerStatus } from "./ledger.ts";

/** What only a TEE calls. */
const TEE_ABI = parseAbi([
  "function updateJobStatus(uint256 jobId, uint8 status, string statusMessage)",
]);

/** The statuses' numbers. */
const NUMBERS: Readonly<Record<LedgerStatus, number>> = { running: 3, completed: 4, failed: 5 };

/** Makes the ledger over a network on this machine; statuses are sent with the TEE's key. */
export function chainLedger(
  network: Network,
  { wallet, tee }: { wallet: LocalWallet; tee: PrivateKeyAccount },
): Ledger {
  /** Statuses are sent one after another, as each takes the account's next nonce. */
  let last: Promise<unknown> = Promise.resolve();
  return {
    async job(id) {
      const job = await orUndefined(() => readJob(network, id));
      if (job === undefined) return undefined;
      const { owner, instruction, maxTimeout, assigned, status } = job;
      const found = assigned && await readTee(network, assigned);
      return {
        owner,
        instruction,
        maxTimeout: Number(maxTimeout),
        tee: assigned?.tee,
        teeUrl: found?.url,
        canceled: status === "canceled",
      };
    },
    dlpOf: async (refiner) => (await orUndefined(() => readRefiner(network, refiner)))?.dlp,
    instruction: (id) => orUndefined(() => readInstruction(network, id)),
    isApproved: (id, dlp) => isApproved(network, { id, dlp }),
    async setStatus(id, status, message) {
      const send = () =>
        wallet.write(tee, {
          abi: TEE_ABI,
          address: network.contracts.ComputeEngine,
          functionName: "updateJobStatus",
          args: [id, NUMBERS[status], message],
        });
      const sent = last.then(send, send);
      last = sent.catch(() => {});
      await sent;
    },
  };
}

/** What isn't there is `undefined`; what can't be asked is an error. */
async function orUndefined<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ToolError && !(error instanceof UnreachableError)) return undefined;
    throw error;
  }
}
