/**
 * Where the contracts of each network are.
 *
 * @module
 */

import { type Address, getAddress, isAddress } from "viem";
import { ToolError } from "../errors.ts";
import type { PublicNetworkName } from "../chain/networks.ts";

/** The contracts' addresses. Those of pools and treasuries are read from the chain. */
export interface Contracts {
  /** Where instructions are registered and approved. */
  ComputeInstructionRegistry: Address;
  /** Where refiners and their schemas are registered. */
  DataRefinerRegistry: Address;
  /** Where permissions are granted. */
  QueryEngine: Address;
  /** Where jobs are submitted and paid. */
  ComputeEngine: Address;
}

/** The name of a contract. */
type ContractName = keyof Contracts;

/** Vana's own contracts have the same addresses on its mainnet and on its testnet. */
const VANA: Contracts = {
  ComputeInstructionRegistry: "0x5786B12b4c6Ba2bFAF0e77Ed30Bf6d32805563A5",
  DataRefinerRegistry: "0x93c3EF89369fDcf08Be159D9DeF0F18AB6Be008c",
  QueryEngine: "0xd25Eb66EA2452cf3238A2eC6C1FD1B7F5B320490",
  ComputeEngine: "0xb2BFe33FA420c45F1Cf1287542ad81ae935447bd",
};

/**
 * The contracts of each network, from Vana's SDK (`vana-com/vana-sdk`, `contracts.config.ts`) and its
 * demo (`vana-com/data-access-demo`).
 */
export const CONTRACTS: Readonly<Record<PublicNetworkName, Contracts>> = {
  moksha: VANA,
  mainnet: VANA,
};

/**
 * Reads addresses that replace those of a network, from a JSON object such as
 * `{"ComputeInstructionRegistry": "0x..."}`. Each of them may be left out.
 *
 * @throws {ToolError} It is something else.
 */
export function parseContracts(json: string): Partial<Contracts> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ToolError("it isn't JSON");
  }
  return readContracts(value);
}

/**
 * Reads addresses, as {@linkcode parseContracts} does, from what JSON held.
 *
 * @throws {ToolError} It is something else.
 */
export function readContracts(value: unknown): Partial<Contracts> {
  const names = Object.keys(VANA).join(", ");
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ToolError(`it isn't a JSON object with addresses of ${names}`);
  }
  const contracts: Partial<Contracts> = {};
  for (const [name, address] of Object.entries(value)) {
    if (!isContractName(name)) {
      throw new ToolError(
        `${JSON.stringify(name)} isn't a known contract; expected one of ${names}`,
      );
    }
    contracts[name] = parseAddress(name, address);
  }
  return contracts;
}

/**
 * Makes sure that no contract's address is missing.
 *
 * @throws {ToolError} One is.
 */
export function expectAll(contracts: Partial<Contracts>): Contracts {
  const missing = Object.keys(VANA).filter((name) => !Object.hasOwn(contracts, name));
  if (missing.length === 0) return contracts as Contracts;
  throw new ToolError(`the address of ${missing.join(", ")} is missing`);
}

function isContractName(name: string): name is ContractName {
  return Object.hasOwn(VANA, name);
}

function parseAddress(name: ContractName, text: unknown): Address {
  if (typeof text === "string" && isAddress(text)) return getAddress(text);
  throw new ToolError(
    `${name} is ${
      JSON.stringify(text)
    }; expected an address: 0x and 40 hexadecimal digits (if any ` +
      "are capitals, as its checksum asks)",
  );
}
