/**
 * People with keys of their own.
 *
 * @module
 */

import type { Hex, PrivateKeyAccount } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";

/** Somebody with a key. */
export interface Person {
  /** The key. */
  key: Hex;
  /** The key's account. */
  account: PrivateKeyAccount;
}

/** Makes a person with a new key. */
export function newPerson(): Person {
  const key = generatePrivateKey();
  return { key, account: privateKeyToAccount(key) };
}
