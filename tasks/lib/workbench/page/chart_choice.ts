/**
 * Finds the chart that suits a view's columns.
 *
 * @module
 */

import type { Aggregate, ChartKind, ColumnProfile, GridColumn, GridView } from "../wire.ts";
import { ask } from "./api.ts";

/** What a chart shows. */
export interface ChartChoice {
  /** Its kind. */
  kind: ChartKind;
  /** The column along the x axis. */
  x: string;
  /** The column along the y axis. */
  y?: string;
  /** What is shown of rows with the same x. */
  aggregate: Aggregate;
}

/** Columns that are looked at. */
const MOST_PROFILED = 8;

/** With more different values, a column of text makes no good bars. */
const MOST_BARS = 100;

/**
 * Chooses by what the columns hold: dates make a line, two columns of numbers a scatter plot, text with
 * few values bars, numbers a histogram.
 */
export async function chooseChart(
  view: GridView,
  columns: readonly GridColumn[],
): Promise<ChartChoice> {
  const profiled = await Promise.all(
    columns.slice(0, MOST_PROFILED).map(async ({ name }) => ({
      name,
      ...await ask<ColumnProfile>("profile", { view, column: name }),
    })),
  );
  const numbers = profiled.filter(({ kind }) => kind === "number").map(({ name }) => name);
  const date = profiled.find(({ kind }) => kind === "date")?.name;
  const [number, second] = numbers;
  // Bars of values that are all different are of use only where a number says how long they are.
  const group = profiled.find(({ kind, distinct, rows }) =>
    kind === "text" && distinct > 0 && distinct <= MOST_BARS &&
    (distinct < rows || number !== undefined)
  )?.name;
  if (date !== undefined && number !== undefined) {
    return { kind: "line", x: date, y: number, aggregate: "sum" };
  }
  if (group !== undefined && number !== undefined) {
    return { kind: "bar", x: group, y: number, aggregate: "sum" };
  }
  if (group !== undefined) return { kind: "bar", x: group, aggregate: "count" };
  if (number !== undefined && second !== undefined) {
    return { kind: "scatter", x: number, y: second, aggregate: "count" };
  }
  const only = number ?? date;
  if (only !== undefined) return { kind: "histogram", x: only, aggregate: "count" };
  return { kind: "bar", x: columns[0]!.name, aggregate: "count" };
}
