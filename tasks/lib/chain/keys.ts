/**
 * The account that pays and signs. Its key comes from the environment or a file, never from an argument:
 * those are in the shell's history and in the list of processes.
 *
 * @module
 */

import type { PrivateKeyAccount } from "viem/accounts";
import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { parsePrivateKey } from "./private_key.ts";

/** A key in hexadecimal is 66 characters long; this is room for white space. */
const MOST_BYTES = 1024;

/**
 * Reads the key from a file, or else from `PRIVATE_KEY`, which is gone from the environment then.
 *
 * @throws {ToolError} There is no key, it isn't one, or others can read its file. The key is never in
 * the message.
 */
export function readAccount({ keyFile }: { keyFile?: string }): PrivateKeyAccount {
  if (keyFile !== undefined) return parsePrivateKey(readKeyFile(keyFile), `--key-file ${keyFile}`);
  const key = Deno.env.get("PRIVATE_KEY");
  // The programs that a rebuild starts have no use for it.
  Deno.env.delete("PRIVATE_KEY");
  if (key) return parsePrivateKey(key, "PRIVATE_KEY");
  throw new ToolError(
    "There is no key to sign with; expected PRIVATE_KEY in the environment, or --key-file. For a " +
      "multisig or a hardware wallet, print the transaction with --unsigned",
  );
}

function readKeyFile(path: string): string {
  try {
    using file = Deno.openSync(path);
    // Of the open file: what its path leads to can change.
    checkAccess(path, file.statSync());
    const bytes = new Uint8Array(MOST_BYTES);
    const read = file.readSync(bytes) ?? 0;
    return new TextDecoder().decode(bytes.subarray(0, read));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`Can't read --key-file ${path}: ${messageOf(error)}`);
  }
}

/** Windows tells neither mode nor owner. */
function checkAccess(path: string, { isFile, mode, uid }: Deno.FileInfo): void {
  if (!isFile) throw new ToolError(`--key-file ${path} is not a file`);
  if (mode !== null && (mode & 0o077) !== 0) {
    const octal = (mode & 0o777).toString(8).padStart(4, "0");
    throw new ToolError(
      `--key-file ${path} has mode ${octal}, so that others may read or change it; expected 0600: ` +
        `chmod 600 ${path}, and think about who may have read it`,
    );
  }
  if (uid !== null && uid !== Deno.uid()) {
    throw new ToolError(
      `--key-file ${path} belongs to user ${uid}, and you are user ${Deno.uid()}; expected a file ` +
        "of your own",
    );
  }
}
