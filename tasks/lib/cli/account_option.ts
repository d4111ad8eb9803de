/**
 * The account that a task asks about.
 *
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { type Address, getAddress, isAddress } from "viem";
import { readKeyFile } from "../chain/keys.ts";
import { parsePrivateKey } from "../chain/private_key.ts";
import { personPath } from "../person_path.ts";

/** Which account is meant. */
export interface AccountSource {
  /** The account itself. */
  account?: Address;
  /** A file with its key. */
  keyFile?: string;
}

/**
 * Reads an account's address.
 *
 * @throws {InvalidArgumentError} It isn't one.
 */
export function accountAddress(text: string): Address {
  if (isAddress(text)) return getAddress(text);
  throw new InvalidArgumentError(
    "expected an address: 0x and 40 hexadecimal digits (if any are capitals, as its checksum asks)",
  );
}

/**
 * The account that is named, or else that of the key in the file or in `PRIVATE_KEY`. The key is gone from the
 * environment then.
 *
 * @returns `undefined` if there is none of these.
 * @throws {ToolError} There is a key that can't be read. The key is never in the message.
 */
export function accountOf({ account, keyFile }: AccountSource): Address | undefined {
  const key = Deno.env.get("PRIVATE_KEY");
  Deno.env.delete("PRIVATE_KEY");
  if (account !== undefined) return account;
  if (keyFile !== undefined) return readKeyFile(personPath(keyFile)).address;
  return key ? parsePrivateKey(key, "PRIVATE_KEY").address : undefined;
}
