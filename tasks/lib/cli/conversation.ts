/**
 * Talks a change over with the person at the terminal.
 *
 * @module
 */

import type { Hash, TransactionReceipt } from "viem";
import { printable } from "../../../src/printable.ts";
import type { Outcome } from "../chain/change.ts";
import { formatAmount } from "../chain/transaction.ts";
import { note, print } from "../cli.ts";
import { ask, canAsk } from "../screen/confirm.ts";
import { ToolError } from "../errors.ts";
import type { InstructionConversation } from "../network/conversation.ts";
import { withProgressBars } from "../screen/progress_bars.ts";
import { screenOf } from "../screen/screen.ts";
import { formatProof } from "./format_proof.ts";

/** How a person is talked with. */
export interface ConversationOptions {
  /**
   * Don't ask.
   *
   * @default false
   */
  yes?: boolean;
  /** The command that looks a transaction up later. */
  lookUp: (hash: Hash) => string;
}

/** Starts a conversation on standard error and, for answers, standard input. */
export function startConversation(
  { yes = false, lookUp }: ConversationOptions,
): InstructionConversation {
  return {
    warn: (text) => note(`warning: ${text}`),
    showInstruction({ id, owner, url, sha256 }) {
      note(`Instruction ${id}`);
      note(`  owner     ${owner}`);
      note(`  URL       ${printable(url)}`);
      note(`  SHA-256   ${sha256}`);
    },
    withProgress: withProgressBars,
    showProof: (proof) => note(`\n${formatProof(proof, screenOf(Deno.stderr)).join("\n")}\n`),
    showPlan(connection, account, { transaction: { to, gas, value }, cost, balance }) {
      const { chain, rpc } = connection;
      note(`  network   ${chain.name} (chain ${chain.id}), by ${rpc.origin}`);
      note(`  contract  ${to}`);
      note(`  account   ${account}, which has ${formatAmount(balance, connection)}`);
      if (value > 0n) note(`  pays      ${formatAmount(value, connection)}`);
      note(`  gas       at most ${gas}, for at most ${formatAmount(cost, connection)}`);
    },
    async confirm({ text, answer }) {
      if (yes) return;
      if (!canAsk()) {
        throw new ToolError(
          "Nothing was sent: there is no terminal to ask on. Give --yes to send without a question, " +
            "or --dry-run to see what would be sent",
        );
      }
      if (!await ask(text, answer)) throw new ToolError("Cancelled: nothing was sent");
    },
    sending(hash) {
      note(`Sending transaction ${hash}`);
      note(`  look it up with \`${lookUp(hash)}\` if this is interrupted`);
    },
  };
}

/**
 * Shows how a change ended, if it wasn't sent.
 *
 * @returns The receipt, if it was.
 */
export function showOutcome(outcome: Outcome): TransactionReceipt | undefined {
  switch (outcome.kind) {
    case "sent":
      return outcome.receipt;
    case "unneeded":
      note(`${outcome.reason}: nothing to send`);
      return undefined;
    case "simulated":
      note("Dry run: it would work; nothing was sent");
      return undefined;
    case "unsigned":
      print(JSON.stringify(outcome.transaction));
      note("Nothing was sent; sign and send it with your wallet");
      return undefined;
  }
}
