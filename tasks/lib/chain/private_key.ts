/**
 * Reads the private keys that people give.
 *
 * @module
 */

import { type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { ToolError } from "../errors.ts";

/**
 * Reads a private key.
 *
 * @param text 32 bytes in hexadecimal, with or without 0x.
 * @param source Where it comes from, for the message.
 * @throws {ToolError} It isn't one; it is never in the message.
 */
export function parsePrivateKey(text: string, source: string): PrivateKeyAccount {
  const key = text.trim().replace(/^0x/, "");
  try {
    if (!/^[0-9a-fA-F]{64}$/.test(key)) throw new Error("not 32 bytes");
    return privateKeyToAccount(`0x${key}`);
  } catch {
    // Whatever the cause says may hold the key.
    throw new ToolError(
      `${source} isn't a private key: expected 64 hexadecimal digits, with or without 0x`,
    );
  }
}
