/**
 * The job owner's signature of a query: EIP-191 `personal_sign` over exactly its text.
 *
 * @module
 */

import { type Address, type Hex, recoverMessageAddress } from "viem";
import { parsePrivateKey } from "../chain/private_key.ts";

/** Says who signed a text; `undefined` if the signature isn't one of that text. */
export async function recoverSigner(
  message: string,
  signature: string | null,
): Promise<Address | undefined> {
  if (signature === null || !/^0x[0-9a-fA-F]{130}$/.test(signature)) return undefined;
  try {
    return await recoverMessageAddress({ message, signature: signature as Hex });
  } catch {
    return undefined;
  }
}

/**
 * Signs a query.
 *
 * @param privateKey 32 bytes in hexadecimal, with or without 0x.
 * @throws {ToolError} The key isn't one; it is never in the message.
 */
export async function signQuery(
  query: string,
  privateKey: string,
): Promise<{ signature: Hex; address: Address }> {
  const account = parsePrivateKey(privateKey, "PRIVATE_KEY");
  return { signature: await account.signMessage({ message: query }), address: account.address };
}
