// Runs one query in a process of its own, which the engine can kill: SQL can't be interrupted.
// Reads {database, answer, sql, params, asText} as JSON from standard input, writes the answer's database, and
// prints {error, index, rows} as JSON: the error is null if there is none, and `index` is the character of
// the SQL that it is at, if that is known.

import { DatabaseSync, type SupportedValueType } from "node:sqlite";
import { splitSqlError } from "../data/sql_error.ts";
import { messageOf } from "../../../src/errors.ts";
import { RESULTS_TABLE } from "../../../src/results/results.ts";
import type { SqlValue } from "../../../src/results/rows.ts";
import { prepareSelect, quoteName, streamRows } from "../../../src/results/select.ts";

interface Order {
  database: string;
  answer: string;
  sql: string;
  params: unknown[];
  asText: boolean;
}

function run({ database, answer, sql, params, asText }: Order): number {
  using source = new DatabaseSync(database, { readOnly: true });
  source.exec("PRAGMA query_only = ON; PRAGMA temp_store = memory");
  const { select, columns } = prepareSelect(source, sql);
  using target = new DatabaseSync(answer);
  target.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
  const definitions = columns.map(({ name, type }) =>
    `${quoteName(name)} ${asText ? "TEXT" : type}`
  ).join(", ");
  target.exec(`CREATE TABLE ${RESULTS_TABLE}(${definitions}); BEGIN`);
  const insert = target.prepare(
    `INSERT INTO ${RESULTS_TABLE} VALUES (${columns.map(() => "?").join(", ")})`,
  );
  let rows = 0;
  for (const row of streamRows(source, select, params.map(toSql))) {
    insert.run(...(asText ? row.map(toText) : row) as SupportedValueType[]);
    rows++;
  }
  target.exec("COMMIT");
  return rows;
}

/** JSON has no integers and SQLite no booleans. */
function toSql(value: unknown): SqlValue {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  return value as SqlValue;
}

/** A value as Python writes it, which is how they were seen; the bytes of a BLOB stay as they are. */
function toText(value: SqlValue): SqlValue {
  if (value === null) return "None";
  if (typeof value === "bigint") return `${value}`;
  if (typeof value !== "number") return value;
  return Number.isInteger(value) && !`${value}`.includes("e") ? `${value}.0` : `${value}`;
}

/** Where SQL can't be compiled; `exec()` says it and `prepare()` doesn't. */
function indexOfMistake({ database, sql }: Order): number | undefined {
  if (sql.includes("\0")) return undefined;
  using source = new DatabaseSync(database, { readOnly: true });
  try {
    source.prepare(sql);
  } catch {
    // So exec() fails too, and runs nothing.
    try {
      source.exec(sql);
    } catch (error) {
      return splitSqlError(messageOf(error), sql).index;
    }
  }
  return undefined;
}

const order: Order = await new Response(Deno.stdin.readable).json();
let error: string | null = null;
let index: number | undefined;
let rows = 0;
try {
  rows = run(order);
} catch (thrown) {
  error = messageOf(thrown);
  index = indexOfMistake(order);
}
await new Response(JSON.stringify({ error, index, rows })).body?.pipeTo(Deno.stdout.writable);
