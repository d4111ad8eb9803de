/**
 * The tables of a refiner's schema, as SQLite reads them.
 *
 * @module
 */

/** A column. */
export interface Column {
  /** Its name. */
  name: string;
  /** Its declared type, as written; empty if there is none. */
  type: string;
  /** Whether it is declared NOT NULL. */
  notNull: boolean;
  /** Its place in the primary key, from 1 on; 0 if it isn't part of it. */
  primaryKey: number;
  /** Whether it is computed from others. */
  generated: boolean;
}

/** A foreign key. */
export interface ForeignKey {
  /** The columns that reference. */
  columns: string[];
  /** The table that is referenced. */
  table: string;
  /** The columns that are referenced. */
  parents: string[];
}

/** A table or a view. */
export interface Table {
  /** Its name. */
  name: string;
  /** Which of both it is. */
  kind: "table" | "view";
  /** Its columns, in order. */
  columns: Column[];
  /** Its foreign keys. */
  foreignKeys: ForeignKey[];
  /** The column sets that are unique, the primary key among them. */
  unique: string[][];
  /** The statement that made it. */
  sql: string;
  /** Why its columns can't be told, for a view that SQLite can't use. */
  broken?: string;
}

/** A schema that SQLite took. */
export interface Schema {
  /** The statements that make it, each ended by a semicolon. */
  statements: string[];
  /** The tables and views, in the order they were made. */
  tables: Table[];
}
