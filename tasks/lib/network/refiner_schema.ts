/**
 * A refiner and the schema of its data.
 *
 * @module
 */

import { fetchDefinition, type FetchedDefinition } from "../schema/fetch_definition.ts";
import { readSchema } from "../schema/read_schema.ts";
import type { Schema } from "../schema/tables.ts";
import { type Network, reachOf } from "./network.ts";
import { readRefiner, type Refiner } from "./refiners.ts";

/** A refiner, the definition of its schema, and the tables. */
export interface RefinerSchema extends FetchedDefinition {
  /** The refiner. */
  refiner: Refiner;
  /** The tables. */
  schema: Schema;
}

/**
 * Reads a refiner, fetches the definition of its schema, and reads the tables.
 *
 * @param gateways IPFS gateways to ask before others.
 * @throws {UnknownRefinerError} There is no such refiner.
 * @throws {UnusableError} There is no schema, or none that can be queried.
 * @throws {ToolError} It can't be told.
 */
export async function readRefinerSchema(
  network: Network,
  id: bigint,
  { gateways }: { gateways?: readonly URL[] } = {},
): Promise<RefinerSchema> {
  const refiner = await readRefiner(network, id);
  const reach = reachOf(network);
  const fetched = await fetchDefinition(refiner.schemaUrl, { gateways, reach });
  return { refiner, ...fetched, schema: await readSchema(fetched.definition.ddl) };
}
