/**
 * What the program that SQLite makes of a query reads: https://www.sqlite.org/opcode.html
 *
 * @module
 */

import type { Database } from "@sqlite.org/sqlite-wasm";
import type { Operation, Reported } from "./prepared_query.ts";

/** A table or index as it is stored. */
interface Stored {
  table: string;
  /** The columns in the order of storage; empty names are of expressions. */
  columns: string[];
  /** The column that is the row's number; `undefined`: none is, or rows have no number. */
  rowid?: string;
}

/** Operations that read the row's number. */
const ROWIDS = /^(?:Rowid|SeekRowid)$/;

/**
 * The columns that a program reads from tables and indexes. Those by which it only looks rows up are left out:
 * they are compared with what is read elsewhere.
 */
export function programReads(db: Database, program: readonly Operation[]): Reported[] {
  const opened = new Map<number, Stored[]>();
  const reads: Reported[] = [];
  for (const { opcode, p1, p2, p3 } of program) {
    const isOpen = /^(?:OpenRead|ReopenIdx)$/.test(opcode);
    const found = isOpen && p3 === 0 ? storedAt(db, p2) : undefined;
    if (found !== undefined) opened.set(p1, [...opened.get(p1) ?? [], found]);
  }
  for (const { opcode, p1, p2 } of program) {
    for (const { table, columns, rowid } of opened.get(p1) ?? []) {
      const column = opcode === "Column" ? columns[p2] : ROWIDS.test(opcode) ? rowid : undefined;
      if (column) reads.push({ table, column });
    }
  }
  return reads;
}

/** What is stored from a page on. */
function storedAt(db: Database, page: number): Stored | undefined {
  const found = db.selectArray(
    "SELECT type, name, tbl_name FROM sqlite_schema WHERE rootpage = ?",
    [page],
  );
  if (found === undefined) return undefined;
  const [type, name, table] = found.map(String) as [string, string, string];
  const columns = db.selectArrays("SELECT name, pk, type, hidden FROM pragma_table_xinfo(?)", [
    table,
  ])
    // Generated columns that aren't stored are computed from those that are.
    .filter(([, , , hidden]) => hidden !== 2)
    .map(([name, key, type]) => ({ name: String(name), key: Number(key), type: String(type) }));
  const keys = columns.filter(({ key }) => key > 0).sort((a, b) => a.key - b.key);
  const hasRowid = db.selectValue("SELECT wr FROM pragma_table_list WHERE name = ?", [table]) === 0;
  const numbered = hasRowid && keys.length === 1 && /^integer$/i.test(keys[0]!.type)
    ? keys[0]!.name
    : undefined;
  if (type === "index") {
    const parts = db.selectArrays("SELECT cid, name FROM pragma_index_xinfo(?) ORDER BY seqno", [
      name,
    ]);
    const names = parts.map(([cid, name]) => cid === -1 ? numbered ?? "" : String(name ?? ""));
    return { table, columns: names };
  }
  if (hasRowid) return { table, columns: columns.map(({ name }) => name), rowid: numbered ?? "" };
  const others = columns.filter(({ key }) => key === 0);
  return { table, columns: [...keys, ...others].map(({ name }) => name) };
}
