/**
 * Reads the key of the account that signs and pays from a file.
 *
 * @module
 */

import type { PrivateKeyAccount } from "viem/accounts";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { parsePrivateKey } from "./private_key.ts";

/** A key in hexadecimal is 66 characters long; this leaves room for white space. */
const MOST_BYTES = 1024;

/**
 * Reads a file that holds a private key.
 *
 * @throws {ToolError} It can't be read, others can read or change it, or it holds no key. The key is
 * never in the message.
 */
export function readKeyFile(path: string): PrivateKeyAccount {
  return parsePrivateKey(readText(path), `The key file ${path}`);
}

function readText(path: string): string {
  try {
    using file = Deno.openSync(path);
    // Of the open file, as what its path leads to can change.
    checkAccess(path, file.statSync());
    const bytes = new Uint8Array(MOST_BYTES);
    const read = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, read));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`Can't read the key file ${path}: ${messageOf(error)}`);
  }
}

/** Windows has neither mode nor owner. */
function checkAccess(path: string, { isFile, mode, uid }: Deno.FileInfo): void {
  if (!isFile) throw new ToolError(`The key file ${path} is not a file`);
  if (mode !== null && (mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    throw new ToolError(
      `The key file ${path} has mode ${octal}, so others may read or change it; expected 0600: ` +
        `chmod 600 ${path}, and consider who may have read it`,
    );
  }
  if (uid !== null && uid !== Deno.uid()) {
    throw new ToolError(
      `The key file ${path} belongs to user ${uid}, and you are user ${Deno.uid()}; expected a file ` +
        "of your own",
    );
  }
}
