/**
 * The contract DataRefinerRegistry, as far as it is used here.
 *
 * @module
 */

import { type Address, parseAbi } from "viem";
import type { Network } from "./network.ts";

/**
 * Its functions and errors. `refiners` has had three layouts: the same five fields, then nothing, a public
 * key (a string), or the schema's id. A reply is read by the offsets that it holds itself, so the last layout
 * gives the five fields of all; its `lastField` is the schema's id on the newest contract only.
 */
export const REFINER_REGISTRY_ABI = parseAbi([
  "struct RefinerInfo { uint256 dlpId; address owner; string name; string schemaDefinitionUrl; string refinementInstructionUrl; uint256 lastField; }",
  "struct Schema { string name; string dialect; string definitionUrl; }",
  "function refiners(uint256 refinerId) view returns (RefinerInfo)",
  "function refinersCount() view returns (uint256)",
  "function schemas(uint256 schemaId) view returns (Schema)",
  "error InvalidSchemaId(uint256 schemaId)",
]);

/** The contract of a network: address and interface. */
export function refinerRegistry(
  { contracts }: Network,
): { address: Address; abi: typeof REFINER_REGISTRY_ABI } {
  return { address: contracts.DataRefinerRegistry, abi: REFINER_REGISTRY_ABI };
}
