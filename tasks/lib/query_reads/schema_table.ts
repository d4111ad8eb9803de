/**
 * A table of the schema that a query is for.
 *
 * @module
 */

/** A table of the schema. */
export interface SchemaTable {
  /** Its name. */
  name: string;
  /** The statement that made it. */
  sql: string;
  /** Its columns. */
  columns: string[];
  /** Those of them that are computed. */
  generated: string[];
}
