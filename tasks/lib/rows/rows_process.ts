// Makes rows for a schema, in a process of its own, which can be killed. Reads a `RowsOrder` and gives
// {tables}, or {unusable} if SQLite doesn't take the schema.

import { answerOrder } from "../process/answer_order.ts";
import type { RowsOrder } from "../schema/dummy_rows.ts";
import { UnusableError } from "../schema/unusable.ts";
import { makeRows } from "./make_rows.ts";

await answerOrder((order) => {
  try {
    return { tables: makeRows(order as RowsOrder) };
  } catch (error) {
    if (error instanceof UnusableError) return { unusable: error.message };
    throw error;
  }
});
