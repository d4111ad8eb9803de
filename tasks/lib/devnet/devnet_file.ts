/**
 * The file by which tasks find the network that runs on this machine.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import type { Hex } from "viem";
import { messageOf } from "../../../src/errors.ts";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { type Contracts, expectAll, readContracts } from "../network/contracts.ts";
import { CACHE } from "../project.ts";

/** Where the file is while a devnet runs. */
export const DEVNET_FILE: string = join(CACHE, "devnet.json");

/** A network on this machine. */
export interface Devnet {
  /** The RPC's URL. */
  rpc: string;
  /** The chain's id. */
  chainId: number;
  /** Where the contracts are. */
  contracts: Contracts;
  /** The keys of its people, by their parts: they are worth nothing elsewhere. */
  keys: Readonly<Record<string, Hex>>;
  /**
   * The TEE's URL, as the chain has it.
   *
   * @default where the devnet's Compute Engine listens
   */
  teeUrl?: string;
}

const Key = v.custom<Hex>((text) => typeof text === "string" && /^0x[0-9a-f]{64}$/i.test(text));

const Fields = v.object({
  rpc: v.string(),
  chainId: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  contracts: v.unknown(),
  keys: v.optional(v.record(v.string(), Key), {}),
  teeUrl: v.optional(v.string()),
});

/**
 * Reads the devnet that runs.
 *
 * @throws {ToolError} None runs, or the file isn't one of a devnet.
 */
export function readDevnet(): Devnet {
  if (!isFile(DEVNET_FILE)) {
    throw new ToolError(
      "There is no devnet; start one with `deno task devnet` in another terminal",
    );
  }
  return readDevnetFile(DEVNET_FILE);
}

/**
 * Reads a file that names a network on this machine.
 *
 * @throws {ToolError} It can't be read, or isn't one.
 */
export function readDevnetFile(path: string): Devnet {
  try {
    const { contracts, ...fields } = v.parse(Fields, readJson(path));
    return { ...fields, contracts: expectAll(readContracts(contracts)) };
  } catch (error) {
    throw new ToolError(
      `Can't use ${path} as a network on this machine: ${reasonOf(error)}; expected {"rpc", ` +
        '"chainId", "contracts", "keys"}',
    );
  }
}

function readJson(path: string): unknown {
  const text = Deno.readTextFileSync(path);
  try {
    return JSON.parse(text);
  } catch {
    // What the cause says may hold a key.
    throw new ToolError("it isn't JSON");
  }
}

/** Where the mistake is, and not what: that may be a key. */
function reasonOf(error: unknown): string {
  if (!v.isValiError(error)) return messageOf(error);
  return `${v.getDotPath(error.issues[0]) ?? "it"} isn't what it must be`;
}

/** Writes a file that names a network on this machine, for this user only. */
export function writeDevnetFile(path: string, devnet: Devnet): void {
  Deno.writeTextFileSync(path, `${JSON.stringify(devnet, null, 2)}\n`, { mode: 0o600 });
}
