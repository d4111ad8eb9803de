// Runs one query in a process of its own, which the engine can kill: SQL can't be interrupted.
// Reads {database, answer, sql, params} as JSON from standard input, writes the answer's database, and
// prints {error} as JSON, null if there is none.

import { DatabaseSync, type SupportedValueType } from "node:sqlite";
import { messageOf } from "../../../src/errors.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import type { SqlValue } from "../../../src/results/rows.ts";
import { prepareSelect, quoteName, streamRows } from "../../../src/results/select.ts";

interface Order {
  database: string;
  answer: string;
  sql: string;
  params: unknown[];
}

function run({ database, answer, sql, params }: Order): void {
  using source = new DatabaseSync(database, { readOnly: true });
  source.exec("PRAGMA query_only = ON; PRAGMA temp_store = memory");
  const { select, columns } = prepareSelect(source, sql);
  using target = new DatabaseSync(answer);
  target.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  const definitions = columns.map(({ name, type }) => `${quoteName(name)} ${type}`).join(", ");
  target.exec(`CREATE TABLE ${RESULTS_TABLE}(${definitions}); BEGIN`);
  const insert = target.prepare(
    `INSERT INTO ${RESULTS_TABLE} VALUES (${columns.map(() => "?").join(", ")})`,
  );
  for (const row of streamRows(source, select, params.map(toSql))) {
    insert.run(...row as SupportedValueType[]);
  }
  target.exec("COMMIT");
}

/** JSON has no integers and SQLite no booleans. */
function toSql(value: unknown): SqlValue {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return value as SqlValue;
}

const order: Order = await new Response(Deno.stdin.readable).json();
let error: string | null = null;
try {
  run(order);
} catch (thrown) {
  error = messageOf(thrown);
}
await new Response(JSON.stringify({ error })).body?.pipeTo(Deno.stdout.writable);
