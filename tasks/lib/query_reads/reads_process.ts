// Finds what a query reads, in a process of its own, which can be killed. Reads {statements, query} and gives
// `QueryReads`, or {refused}.

import { answerOrder } from "../process/answer_order.ts";
import { findReads } from "./find_reads.ts";
import { RefusedQuery } from "./prepared_query.ts";

await answerOrder(async (order) => {
  try {
    return await findReads(order as { statements: string[]; query: string });
  } catch (error) {
    if (error instanceof RefusedQuery) return { refused: error.message };
    throw error;
  }
});
