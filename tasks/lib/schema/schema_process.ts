// Loads a schema in a process of its own, which can be killed. Reads {ddl} and gives a `Schema`, or
// {unusable} if it isn't one.

import { DatabaseSync } from "node:sqlite";
import { answerOrder } from "../process/answer_order.ts";
import { loadSchema } from "./load_schema.ts";
import { UnusableError } from "./unusable.ts";

await answerOrder((order) => {
  try {
    using db = new DatabaseSync(":memory:");
    return loadSchema(db, (order as { ddl: string }).ddl);
  } catch (error) {
    if (error instanceof UnusableError) return { unusable: error.message };
    throw error;
  }
});
