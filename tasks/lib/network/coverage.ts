/**
 * Which permission covers what a query reads.
 *
 * The Query Engine's rule isn't public in full. Known is that it looks at the newest permission first
 * (`vana-com/data-access-demo`, `docs/query-engine.md` of its first commit).
 *
 * @module
 */

import { isSame } from "../schema/load_schema.ts";
import type { Read } from "../schema/query_reads.ts";
import type { Permission } from "./permissions.ts";

/** Something that a query reads, and the permission for it. */
export interface Need extends Read {
  /** The newest permission that covers it. */
  permission?: Permission;
  /** Newer ones that cover it only if the Query Engine ignores case. */
  rivals: Permission[];
  /** Why it can't be told whether it is covered; `undefined` if it can. */
  unclear?: string;
}

/** Finds the permission for each thing that is read. */
export function coverReads(
  reads: readonly Read[],
  permissions: readonly Permission[],
): Need[] {
  const newest = permissions.toSorted((a, b) => a.id < b.id ? 1 : -1);
  return reads.map((read) => coverRead(read, newest));
}

function coverRead(read: Read, newest: readonly Permission[]): Need {
  const at = newest.findIndex((one) => covers(one, read, (a, b) => a === b));
  const permission = newest[at];
  const newer = permission === undefined ? newest : newest.slice(0, at);
  const rivals = newer.filter((one) => covers(one, read, isSame));
  const need = { ...read, permission, rivals };
  if (permission !== undefined) return need;
  if (rivals.length > 0) {
    const [{ id }] = rivals as [Permission];
    return { ...need, unclear: `permission ${id} names it in another case` };
  }
  if (read.column === undefined && newest.some(({ table }) => isSame(table, read.table))) {
    return {
      ...need,
      unclear:
        "there are permissions for columns of the table, and none for the table, whose rows are read",
    };
  }
  return read.doubt === undefined ? need : { ...need, unclear: read.doubt };
}

/** An empty name stands for all tables, or all columns of the table. */
function covers(
  { table, column }: Permission,
  read: Read,
  same: (a: string, b: string) => boolean,
): boolean {
  if (table === "") return column === "";
  if (!same(table, read.table)) return false;
  return column === "" || (read.column !== undefined && same(column, read.column));
}
