/**
 * The refiners of a devnet: their schemas and their data.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { dummyScript } from "../data/dummy_script.ts";
import { makeRefinerDatabase } from "../engine/local_engine.ts";
import { ToolError } from "../errors.ts";
import { parseDefinition } from "../schema/definition.ts";
import { dummyRows } from "../schema/dummy_rows.ts";
import { readSchema } from "../schema/read_schema.ts";
import { definitionOf } from "./definition.ts";

const ROWS = 20;
const SEED = 1;

/** Where the schemas and the data come from. */
export type DataSource =
  /** One refiner's, from an SQL script. */
  | { script: string }
  /** One refiner's each, from definitions; their rows are made up. */
  | { definitions: readonly string[] };

/** A refiner's schema and data. */
export interface RefinerData {
  /** The refiner's id, from 1 on. */
  id: bigint;
  /** The schema's name. */
  name: string;
  /** The definition, as JSON. */
  definition: string;
  /** The SQLite file with the data. */
  database: string;
}

/**
 * Makes the refiners' data.
 *
 * @param folder Where the databases are left.
 * @throws {ToolError} A script or a definition can't be used.
 */
export async function makeRefiners(source: DataSource, folder: string): Promise<RefinerData[]> {
  if ("script" in source) {
    const database = join(folder, "refiner-1.db");
    makeRefinerDatabase(source.script, database);
    const definition = definitionOf(database, "Dummy data");
    return [{ id: 1n, name: definition.name, definition: JSON.stringify(definition), database }];
  }
  const refiners: RefinerData[] = [];
  for (const [at, file] of source.definitions.entries()) {
    refiners.push(await makeFromDefinition(file, { id: BigInt(at + 1), folder }));
  }
  return refiners;
}

async function makeFromDefinition(
  file: string,
  { id, folder }: { id: bigint; folder: string },
): Promise<RefinerData> {
  try {
    const bytes = Deno.readFileSync(file);
    const { ddl, name = "A schema" } = parseDefinition(bytes);
    const schema = await readSchema(ddl);
    const rows = await dummyRows({ ddl, rows: ROWS, seed: SEED });
    const script = join(folder, `refiner-${id}.sql`);
    Deno.writeTextFileSync(script, dummyScript({ about: [], schema, rows }));
    const database = join(folder, `refiner-${id}.db`);
    makeRefinerDatabase(script, database);
    return { id, name, definition: new TextDecoder().decode(bytes), database };
  } catch (error) {
    throw new ToolError(`Can't use the schema ${file}: ${messageOf(error)}`);
  }
}
