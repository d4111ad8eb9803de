/**
 * The points of a chart, made by SQL of all rows.
 *
 * @module
 */

import type { DatabaseSync } from "node:sqlite";
import type { SqlValue } from "../../../../src/results/rows.ts";
import { prepareArrays, quoteName } from "../../../../src/results/select.ts";
import type { Aggregate, ChartPoints, ChartRequest } from "../wire.ts";
import { asNumber, kindOf, timeOf, type ValueKind } from "./column_profile.ts";
import { openView, type ViewOrder } from "./grid_view.ts";

const MOST_BARS = 30;
const MOST_POINTS = 2000;
const BINS = 30;
const LABEL_LENGTH = 60;

/** Makes a chart's points. */
export function chartPoints(
  { view, kind, x, y, aggregate }: Omit<ChartRequest, "view"> & { view: ViewOrder },
): ChartPoints {
  const { db, all } = openView(view);
  const axis = { db, all, x: `t.${quoteName(x)}`, kind: kindOf(db, all, `t.${quoteName(x)}`).kind };
  const value = y === undefined ? undefined : `t.${quoteName(y)}`;
  switch (kind) {
    case "bar":
      return bars(axis, value, aggregate);
    case "histogram":
      return histogram(axis);
    case "line":
      return line(axis, value, aggregate);
    case "scatter":
      return scatter(axis, value);
  }
}

/** The x axis of a chart, and where its rows are. */
interface Axis {
  db: DatabaseSync;
  all: string;
  x: string;
  kind: ValueKind;
}

function bars({ db, all, x }: Axis, y: string | undefined, aggregate: Aggregate): ChartPoints {
  const rows = select(
    db,
    `SELECT coalesce(substr(CAST(${x} AS TEXT), 1, ${LABEL_LENGTH}), 'NULL') AS label, ` +
      `${aggregated(y, aggregate)} AS n, count(*) OVER () FROM ${all} GROUP BY label ` +
      `ORDER BY n DESC, label LIMIT ${MOST_BARS}`,
  );
  const groups = Number(rows[0]?.[2] ?? 0);
  return {
    xKind: "text",
    points: rows.map(([label, n]) => ({ x: String(label), y: Number(n) })),
    note: groups > rows.length
      ? `The ${MOST_BARS} largest of ${groups.toLocaleString("en")} values`
      : "",
  };
}

function histogram({ db, all, x, kind }: Axis): ChartPoints {
  if (kind !== "number" && kind !== "date") {
    return { xKind: "number", points: [], note: "A histogram needs a column of numbers or dates" };
  }
  const number = asNumber(x, kind);
  const [[low, high] = [0, 0]] = select(
    db,
    `SELECT min(${number}) * 1.0, max(${number}) * 1.0 FROM ${all}`,
  ) as [number, number][];
  const width = high === low ? 1 : (high - low) / BINS;
  const counts = new Map(
    select(
      db,
      `SELECT min(CAST((${number} - ${low}) / ${width} AS INTEGER), ${
        BINS - 1
      }) AS bin, count(*) ` +
        `FROM ${all} GROUP BY bin HAVING bin IS NOT NULL`,
    ).map(([bin, n]) => [Number(bin), Number(n)]),
  );
  const bins = high === low ? 1 : BINS;
  return {
    xKind: kind,
    points: Array.from({ length: bins }, (_, at) => ({
      x: placed(low + at * width, kind),
      x2: Number(placed(at === bins - 1 ? high : low + (at + 1) * width, kind)),
      y: counts.get(at) ?? 0,
    })),
    note: "",
  };
}

function line(axis: Axis, y: string | undefined, aggregate: Aggregate): ChartPoints {
  const { db, all, x, kind } = axis;
  const number = kind === "date" ? asNumber(x, kind) : x;
  const grouped = `SELECT ${number} AS at, ${aggregated(y, aggregate)} AS n FROM ${all} ` +
    "GROUP BY at HAVING at IS NOT NULL AND n IS NOT NULL ORDER BY at";
  return evenly(db, grouped, kind, "points");
}

function scatter({ db, all, x, kind }: Axis, y: string | undefined): ChartPoints {
  const at = kind === "date" ? asNumber(x, kind) : x;
  const value = y ?? x;
  const rows = `SELECT ${at} AS at, ${value} * 1.0 AS n FROM (SELECT * FROM ${all}) AS t ` +
    `WHERE ${x} IS NOT NULL AND ${value} IS NOT NULL`;
  return evenly(db, rows, kind, "rows");
}

/** Every n-th of some points, where there would be too many. */
function evenly(db: DatabaseSync, points: string, kind: ValueKind, what: string): ChartPoints {
  const total = Number(select(db, `SELECT count(*) FROM (${points})`)[0]![0]);
  const step = Math.max(1, Math.ceil(total / MOST_POINTS));
  const kept = step === 1
    ? points
    : `SELECT at, n FROM (SELECT *, row_number() OVER () AS number FROM (${points})) ` +
      `WHERE number % ${step} = 1`;
  const rows = select(db, kept);
  return {
    xKind: kind === "number" || kind === "date" ? kind : "text",
    points: rows.map(([at, n]) => ({ x: placed(at!, kind), y: Number(n) })),
    note: step === 1
      ? ""
      : `${rows.length.toLocaleString("en")} of ${
        total.toLocaleString("en")
      } ${what}, taken evenly`,
  };
}

function aggregated(y: string | undefined, aggregate: Aggregate): string {
  if (y === undefined || aggregate === "count") return "count(*)";
  return aggregate === "sum" ? `total(${y})` : `avg(${y})`;
}

/** A place on the x axis: a number, a time in milliseconds, or a label. */
function placed(value: SqlValue, kind: ValueKind): string | number {
  if (kind === "date") return timeOf(Number(value));
  return kind === "number" ? Number(value) : String(value).slice(0, LABEL_LENGTH);
}

function select(db: DatabaseSync, sql: string): SqlValue[][] {
  return prepareArrays(db, sql, { bigints: false }).all() as unknown as SqlValue[][];
}
