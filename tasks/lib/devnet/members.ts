/**
 * What joins a network on this machine: refiners and TEEs.
 *
 * @module
 */

import { type Address, encodeAbiParameters, parseAbi, parseAbiParameters, zeroAddress } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { readContract } from "../chain/read.ts";
import { computeEngine } from "../network/compute_engine.ts";
import type { Network } from "../network/network.ts";
import { readRefiner } from "../network/refiners.ts";
import { readTee } from "../network/tees.ts";
import type { LocalWallet } from "./wallet.ts";

const FACTORY_ABI = parseAbi([
  "function teePools(uint8 teePoolType, uint8 hardwareType) view returns (address)",
]);
const POOL_ABI = parseAbi([
  "function addTee(address tee, bytes params)",
  "function removeTee(address tee)",
]);
const REFINER_ABI = parseAbi([
  "function addSchema(string name, string dialect, string definitionUrl) returns (uint256)",
  "function schemasCount() view returns (uint256)",
  "function refinersCount() view returns (uint256)",
  "function addRefinerWithSchemaId(uint256 dlpId, string name, uint256 schemaId, string instructionUrl) returns (uint256)",
  "function updateSchemaId(uint256 refinerId, uint256 schemaId)",
]);

/** The types of pools that a TEE on this machine joins, by the contracts' numbers: for short and long jobs. */
const POOL_TYPES = [1, 2] as const;
/** Without a GPU. */
const STANDARD = 1;

/** How members join. */
export interface JoinOptions {
  /** Sends the transactions. */
  wallet: LocalWallet;
  /** Who may let them join. */
  account: PrivateKeyAccount;
}

/** Lets a TEE take jobs of up to two hours, or gives one that does another URL. */
export async function joinTee(
  network: Network,
  { wallet, account }: JoinOptions,
  { tee, url }: { tee: Address; url: string },
): Promise<void> {
  const engine = { ...computeEngine(network), functionName: "teePoolFactory" } as const;
  const factory = { abi: FACTORY_ABI, address: await readContract(network, engine, []) } as const;
  for (const type of POOL_TYPES) {
    const called = { ...factory, functionName: "teePools" } as const;
    const address = await readContract(network, called, [type, STANDARD]);
    if (address === zeroAddress) continue;
    const pool = { abi: POOL_ABI, address } as const;
    const known = await readTee(network, { pool: address, tee });
    if (known?.active && known.url === url) continue;
    if (known?.active) {
      await wallet.write(account, { ...pool, functionName: "removeTee", args: [tee] });
    }
    const params = encodeAbiParameters(parseAbiParameters("string, string"), [url, ""]);
    await wallet.write(account, { ...pool, functionName: "addTee", args: [tee, params] });
  }
}

/** A refiner on this machine. */
export interface DevnetRefiner {
  /** Its id: the first is 1. */
  id: bigint;
  /** Its DLP. */
  dlp: bigint;
  /** Its name, and that of its schema. */
  name: string;
  /** Where its schema's definition is. */
  url: string;
}

/** Registers the refiner of the next id, or gives one that is there another URL for its schema. */
export async function joinRefiner(
  network: Network,
  { wallet, account }: JoinOptions,
  { id, dlp, name, url }: DevnetRefiner,
): Promise<void> {
  const registry = { abi: REFINER_ABI, address: network.contracts.DataRefinerRegistry } as const;
  const count = await readContract(network, { ...registry, functionName: "refinersCount" }, []);
  if (id <= count && (await readRefiner(network, id)).schemaUrl === url) return;
  await wallet.write(account, {
    ...registry,
    functionName: "addSchema",
    args: [name, "sqlite", url],
  });
  const schema = await readContract(network, { ...registry, functionName: "schemasCount" }, []);
  if (id <= count) {
    const args = [id, schema] as const;
    await wallet.write(account, { ...registry, functionName: "updateSchemaId", args });
  } else {
    const args = [dlp, name, schema, ""] as const;
    await wallet.write(account, { ...registry, functionName: "addRefinerWithSchemaId", args });
  }
}
