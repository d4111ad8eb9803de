/**
 * The definition of a refiner's schema, from a database that has it.
 *
 * @module
 */

import { DatabaseSync } from "node:sqlite";

/** A definition, as refiners publish it. */
interface RefinerDefinition {
  /** The schema's name. */
  name: string;
  /** Its version. */
  version: string;
  /** Its dialect. */
  dialect: "sqlite";
  /** Its statements. */
  schema: string;
}

/** Reads the definition of a database's own tables, indexes and views, in the order they were made. */
export function definitionOf(database: string, name: string): RefinerDefinition {
  using db = new DatabaseSync(database, { readOnly: true });
  const statements = db.prepare(
    "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index', 'view') AND sql IS NOT NULL " +
      "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid",
  ).all();
  const schema = statements.map(({ sql }) => `${sql};`).join("\n\n");
  return { name, version: "0.0.1", dialect: "sqlite", schema };
}
