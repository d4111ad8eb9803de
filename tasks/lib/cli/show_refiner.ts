/**
 * Shows a refiner and where its schema is from.
 *
 * @module
 */

import { print } from "../cli.ts";
import { chainText } from "../network/chain_text.ts";
import type { Network } from "../network/network.ts";
import type { RefinerSchema } from "../network/refiner_schema.ts";

/** Prints what is known of a refiner but its tables. */
export function showRefiner(
  { chain, contracts }: Network,
  { refiner, definition, from, verified }: RefinerSchema,
): void {
  print(`Refiner ${refiner.id} on ${chain.name} (chain ${chain.id})`);
  print(`  registry    ${contracts.DataRefinerRegistry}`);
  print(`  DLP         ${refiner.dlp}`);
  print(`  owner       ${refiner.owner}`);
  print(`  name        ${chainText(refiner.name)}`);
  print(`  schema      ${describeDefinition(refiner, definition)}`);
  print(`  definition  ${chainText(from)}`);
  print(`              ${verified ? VERIFIED : NOT_VERIFIED}`);
}

const VERIFIED = "its bytes match the content identifier in the URL on-chain";
const NOT_VERIFIED = "its bytes can't be checked; the server is trusted";

function describeDefinition(
  { schema }: RefinerSchema["refiner"],
  { name, version, dialect }: RefinerSchema["definition"],
): string {
  const own = [name ?? "without a name", version ?? "without a version", dialect].map((text) =>
    chainText(text)
  );
  return schema === undefined ? own.join(", ") : `${own.join(", ")} (schema ${schema.id} on-chain)`;
}

/** What is known of a refiner but its tables, as JSON. Ids are strings, as they can be large. */
export function refinerToJson(
  { network, chain, contracts }: Network,
  { refiner, definition: { ddl: _, ...definition }, from, verified }: RefinerSchema,
): Record<string, unknown> {
  const { id, dlp, schema, ...texts } = refiner;
  return {
    network,
    chainId: chain.id,
    registry: contracts.DataRefinerRegistry,
    refiner: {
      id: `${id}`,
      dlp: `${dlp}`,
      ...texts,
      schema: schema && { ...schema, id: `${schema.id}` },
    },
    definition: { ...definition, from, verified },
  };
}
