/**
 * Asks before something that can't be undone.
 *
 * @module
 */

import process from "node:process";
import { createInterface } from "node:readline/promises";
import { pause } from "../../../src/pause.ts";

/** How long what was typed before the question is collected, to be thrown away. */
const DISCARD_MS = 100;
const CTRL_C = 0x03;

/** Whether there is a terminal to ask on. */
export function canAsk(): boolean {
  return Deno.stdin.isTerminal() && Deno.stderr.isTerminal();
}

/**
 * Asks for a typed answer, on standard error. Input from before the question is thrown away: a key
 * pressed too early must not confirm anything.
 *
 * @param question The question, without what to type.
 * @param answer What the person must type to say yes.
 * @returns Whether they typed exactly that and Enter. Ctrl-C, Ctrl-D and any other answer are a no.
 */
export async function ask(question: string, answer: string): Promise<boolean> {
  if (!await discardInput()) return false;
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  const cancel = new AbortController();
  reader.on("SIGINT", () => cancel.abort());
  reader.on("close", () => cancel.abort());
  try {
    const typed = await reader.question(`${question} Type ${answer} to go on: `, {
      signal: cancel.signal,
    });
    return typed === answer;
  } catch {
    process.stderr.write("\n");
    return false;
  } finally {
    reader.close();
  }
}

/** Reads and drops what was typed so far; `false` if Ctrl-C was. */
async function discardInput(): Promise<boolean> {
  const { stdin } = process;
  let cancelled = false;
  const drop = (typed: Uint8Array) => {
    cancelled ||= typed.includes(CTRL_C);
  };
  // Otherwise the terminal would keep a line until Enter is pressed.
  stdin.setRawMode(true);
  stdin.on("data", drop);
  await pause(DISCARD_MS);
  stdin.off("data", drop);
  stdin.setRawMode(false);
  return !cancelled;
}
