/**
 * What a column holds: gaps, range, and how its values are distributed.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import { quoteName } from "../../../../src/results/select.ts";
import type { ColumnProfile, Share } from "../wire.ts";
import { openView, type ViewOrder } from "./grid_view.ts";

const BINS = 20;
const VALUES_SHOWN = 6;
const MOST_DISTINCT = 10_000;

/** Characters of a value that a distribution shows. */
const LABEL_LENGTH = 80;

/** SQL that is true for text that begins with a date, as ISO 8601 has it. */
const DATE_PATTERN = "'[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]*'";

/** What kind of values a column mostly holds, for its axis and its bins. */
export type ValueKind = "empty" | "number" | "date" | "text";

/** Describes a column's values. */
export function profileColumn(
  { view, column }: { view: ViewOrder; column: string },
): ColumnProfile {
  const { db, all } = openView(view);
  const name = `t.${quoteName(column)}`;
  const { rows, nulls, kind } = kindOf(db, all, name);
  const distinct = Number(
    db.prepare(
      `SELECT count(*) AS n FROM (SELECT DISTINCT ${name} FROM ${all} LIMIT ${MOST_DISTINCT + 1})`,
    ).get()!.n,
  ) - (nulls > 0 ? 1 : 0);
  const profile = {
    rows,
    nulls,
    kind,
    distinct: Math.min(distinct, MOST_DISTINCT),
    distinctLimit: MOST_DISTINCT,
  };
  if (kind === "number" || kind === "date") return { ...profile, ...binned(db, all, name, kind) };
  return { ...profile, shares: kind === "empty" ? [] : frequent(db, all, name, rows - nulls) };
}

/** Finds out what kind of values a column holds. */
export function kindOf(
  db: DatabaseSync,
  all: string,
  name: string,
): { rows: number; nulls: number; kind: ValueKind } {
  const counts = db.prepare(
    `SELECT count(*) AS rows, count(${name}) AS filled, ` +
      `coalesce(sum(typeof(${name}) IN ('integer', 'real')), 0) AS numbers, ` +
      `coalesce(sum(typeof(${name}) = 'text' AND ${name} GLOB ${DATE_PATTERN} ` +
      `AND julianday(${name}) IS NOT NULL), 0) AS dates FROM ${all}`,
  ).get()!;
  const [rows, filled, numbers, dates] = [counts.rows, counts.filled, counts.numbers, counts.dates]
    .map(Number) as [number, number, number, number];
  const kind = filled === 0
    ? "empty"
    : numbers === filled
    ? "number"
    : dates === filled
    ? "date"
    : "text";
  return { rows, nulls: rows - filled, kind };
}

/** A column as a number that can be put into bins. */
export function asNumber(name: string, kind: ValueKind): string {
  return kind === "date" ? `julianday(${name})` : name;
}

function binned(
  db: DatabaseSync,
  all: string,
  name: string,
  kind: "number" | "date",
): Pick<ColumnProfile, "min" | "max" | "mean" | "shares"> {
  const number = asNumber(name, kind);
  const range = db.prepare(
    `SELECT CAST(min(${name}) AS TEXT) AS least, CAST(max(${name}) AS TEXT) AS most, ` +
      `min(${number}) * 1.0 AS low, max(${number}) * 1.0 AS high, avg(${number}) AS mean FROM ${all}`,
  ).get()!;
  const [low, high] = [Number(range.low), Number(range.high)];
  const shares: Share[] = Array.from({ length: low === high ? 1 : BINS }, (_, at) => ({
    label: labelOf(low + (high - low) * at / BINS, kind),
    count: 0,
  }));
  const bins = db.prepare(
    `SELECT min(CAST((${number} - ?1) / (?2 - ?1) * ${BINS} AS INTEGER), ${BINS - 1}) AS bin, ` +
      `count(*) AS n FROM ${all} GROUP BY bin`,
  ).all(low, low === high ? low + 1 : high);
  for (const { bin, n } of bins) {
    if (bin !== null && shares[Number(bin)] !== undefined) shares[Number(bin)]!.count += Number(n);
  }
  return {
    min: String(range.least),
    max: String(range.most),
    mean: kind === "number" ? Number(range.mean) : undefined,
    shares,
  };
}

/** The Unix epoch as `julianday()` gives it. */
const EPOCH_JULIAN_DAY = 2440587.5;
const DAY_MS = 86_400_000;

/** A time in milliseconds since the Unix epoch, from what `julianday()` gives. */
export function timeOf(julianDay: number): number {
  return Math.round((julianDay - EPOCH_JULIAN_DAY) * DAY_MS);
}

function labelOf(value: number, kind: "number" | "date"): string {
  if (kind === "number") return String(Number(value.toPrecision(6)));
  return new Date(timeOf(value)).toISOString();
}

/** The most frequent values, and how many rows have another. */
function frequent(db: DatabaseSync, all: string, name: string, filled: number): Share[] {
  const top = db.prepare(
    `SELECT CASE typeof(${name}) WHEN 'blob' THEN 'BLOB ' || hex(substr(${name}, 1, 8)) ` +
      `ELSE substr(${name}, 1, ${LABEL_LENGTH}) END AS label, count(*) AS n ` +
      `FROM (SELECT * FROM ${all}) AS t WHERE ${name} IS NOT NULL ` +
      `GROUP BY ${name} ORDER BY n DESC, label LIMIT ${VALUES_SHOWN}`,
  ).all().map(({ label, n }) => ({ label: String(label), count: Number(n) }));
  const rest = filled - top.reduce((sum, { count }) => sum + count, 0);
  return rest > 0 ? [...top, { label: "", count: rest }] : top;
}
