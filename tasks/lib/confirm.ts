/**
 * Asks before something is done that can't be undone.
 *
 * @module
 */

import { confirm } from "@clack/prompts";
import process from "node:process";
import { ToolError } from "./errors.ts";

/** Whether there is a person to ask. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/** Asks a question; no is the answer that is given by itself. */
export async function ask(question: string): Promise<boolean> {
  // What isn't `true` is a no, or Ctrl-C.
  return await confirm({ message: question, initialValue: false, output: process.stderr }) === true;
}

/**
 * Goes on only if the person wants it, or `--yes` says so.
 *
 * @throws {ToolError} They don't, or there is nobody to ask.
 */
export async function confirmOrRefuse(
  question: string,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  if (yes) return;
  if (!canAsk()) {
    throw new ToolError(
      "Nothing was sent: this is no terminal, so that nobody can be asked. Give --yes to send " +
        "without a question, or --dry-run to see what would be sent",
    );
  }
  if (!await ask(question)) throw new ToolError("Nothing was sent, as you said");
}
