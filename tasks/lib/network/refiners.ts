/**
 * What the DataRefinerRegistry says about refiners.
 *
 * @module
 */

import type { Address } from "viem";
import { RevertedError } from "../chain/errors.ts";
import { readContract } from "../chain/read.ts";
import { ToolError } from "../errors.ts";
import type { Network } from "./network.ts";
import { refinerRegistry } from "./refiner_registry.ts";

/** A registered refiner. Its texts are its owner's: they can be any text of any length. */
export interface Refiner {
  /** Its id. */
  id: bigint;
  /** The DLP whose data it refines. */
  dlp: bigint;
  /** Who registered it, and grants permissions on its data. */
  owner: Address;
  /** Its name. */
  name: string;
  /** Where the definition of its schema is. */
  schemaUrl: string;
  /** Where the archive of the image that refines is. */
  instructionUrl: string;
  /** The registered schema that it refers to; `undefined` if it has only a URL of its own. */
  schema?: RegisteredSchema;
}

/** What is registered of a schema beside its URL. Anyone can register one, with any texts. */
export interface RegisteredSchema {
  /** Its id. */
  id: bigint;
  /** Its name. */
  name: string;
  /** Its dialect, like `sqlite`. */
  dialect: string;
}

/** There is no refiner of an id. */
export class UnknownRefinerError extends ToolError {}

/**
 * Reads a refiner, whichever of the three layouts the contract has.
 *
 * @throws {UnknownRefinerError} There is none with that id.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readRefiner(network: Network, id: bigint): Promise<Refiner> {
  const registry = refinerRegistry(network);
  const read = await readContract(network, { ...registry, functionName: "refiners" }, [id]);
  const { dlpId: dlp, owner, name, schemaDefinitionUrl: schemaUrl } = read;
  // The contract answers an unknown id with empty fields; no DLP has the id 0.
  if (dlp === 0n) throw await unknownRefiner(network, id);
  const schema = await readSchema(network, { id: read.lastField, url: schemaUrl });
  return { id, dlp, owner, name, schemaUrl, instructionUrl: read.refinementInstructionUrl, schema };
}

async function unknownRefiner(network: Network, id: bigint): Promise<ToolError> {
  const registry = refinerRegistry(network);
  const count = await readContract(network, { ...registry, functionName: "refinersCount" }, []);
  return new UnknownRefinerError(
    `There is no refiner ${id} in the DataRefinerRegistry ${registry.address} on ` +
      `${network.chain.name}, which has ${count}; expected the id of one that was registered there`,
  );
}

/**
 * Reads a refiner's schema by what may be its id. In the older layouts that field is something else, like
 * the length of the refiner's name: it counts only where the schema of that id has the refiner's URL.
 */
async function readSchema(
  network: Network,
  { id, url }: { id: bigint; url: string },
): Promise<RegisteredSchema | undefined> {
  if (id === 0n) return undefined;
  const called = { ...refinerRegistry(network), functionName: "schemas" } as const;
  try {
    const { name, dialect, definitionUrl } = await readContract(network, called, [id]);
    return definitionUrl === url ? { id, name, dialect } : undefined;
  } catch (error) {
    // The id isn't that of a schema, or the contract is older than schemas.
    if (error instanceof RevertedError) return undefined;
    throw error;
  }
}
