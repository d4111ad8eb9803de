/**
 * The other end of an SQL process: answers the calls that come on standard input, one after another.
 *
 * @module
 */

import { messageOf } from "../../../../src/errors.ts";
import { writeAll } from "../../../../src/files.ts";
import { sqlReason } from "../../../../src/results/untrusted_database.ts";
import { linesOf } from "./text_lines.ts";

/** A function that can be called. */
type Callable = (order: never) => unknown;

/** A call as it comes over the pipe. */
interface Call {
  name: string;
  order: unknown;
}

/** Answers calls of these functions until standard input ends. */
export async function serveCalls(functions: Readonly<Record<string, Callable>>): Promise<void> {
  for await (const line of linesOf(Deno.stdin.readable)) {
    const { name, order } = JSON.parse(line) as Call;
    let answer: unknown;
    try {
      const called = functions[name] as (order: unknown) => unknown;
      answer = { result: await called(order) ?? null };
    } catch (error) {
      answer = {
        error: messageOf(error) === "out of memory" ? sqlReason(error) : messageOf(error),
      };
    }
    writeAll(Deno.stdout, new TextEncoder().encode(`${JSON.stringify(answer)}\n`));
  }
}
