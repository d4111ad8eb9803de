/**
 * A view as a picture.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Aggregate, ChartKind, ChartPoints, GridColumn, GridView } from "../wire.ts";
import { ask } from "./api.ts";
import { drawChart } from "./chart_drawing.ts";
import { saveChart } from "./chart_file.ts";
import { type ChartChoice, chooseChart } from "./chart_choice.ts";
import { Notice } from "./notice.tsx";
import { route, setParams } from "./route.ts";

/** Props of {@linkcode Chart}. */
export interface ChartProps {
  /** The rows. */
  view: GridView;
  /** The columns. */
  columns: readonly GridColumn[];
  /** Changes whenever the rows do. */
  version: string | number;
  /** What the rows are called. */
  label: string;
}

/** Draws a chart: first one that suits the columns, then the one that was chosen. */
export function Chart({ view, columns, version, label }: ChartProps): JSX.Element {
  const { params } = route.value;
  const [suited, setSuited] = useState<ChartChoice>();
  const [points, setPoints] = useState<ChartPoints>();
  const [error, setError] = useState("");
  const picture = useRef<HTMLDivElement>(null);
  const kind = params.get("kind") as ChartKind | null ?? suited?.kind;
  const x = params.get("x") ?? suited?.x;
  const y = params.get("y") ?? suited?.y;
  const aggregate = params.get("of") as Aggregate | null ?? suited?.aggregate ?? "count";
  const { source, table, where } = view;
  useEffect(() => {
    chooseChart({ source, table, where }, columns)
      .then(setSuited, ({ message }: Error) => setError(message));
  }, [source, table, where, columns]);
  useEffect(() => {
    if (kind === undefined || x === undefined) return;
    const left = new AbortController();
    setError("");
    ask<ChartPoints>(
      "chart",
      { view: { source, table, where }, kind, x, y, aggregate },
      left.signal,
    )
      .then(setPoints, ({ message }: Error) => !left.signal.aborted && setError(message));
    return () => left.abort();
  }, [source, table, where, kind, x, y, aggregate, version]);
  const title = kind === undefined || x === undefined
    ? ""
    : titleOf({ kind, x, y, aggregate }, label);
  useEffect(() => {
    if (points === undefined || kind === undefined || x === undefined) return;
    const place = picture.current!;
    const draw = () => drawChart(place, points, { kind, x, y, aggregate, title });
    draw();
    const resized = new ResizeObserver(draw);
    resized.observe(place);
    return () => resized.disconnect();
  }, [points]);
  if (columns.length === 0) return <p class="empty">There are no columns to chart.</p>;
  return (
    <div class="chart">
      <div class="toolbar">
        <Choice
          name="kind"
          label="Chart"
          value={kind}
          values={["bar", "line", "scatter", "histogram"]}
        />
        <Choice name="x" label="x" value={x} values={columns.map(({ name }) => name)} />
        {kind !== "histogram" && (
          <>
            {kind !== "scatter" && (
              <Choice name="of" label="y" value={aggregate} values={["count", "sum", "mean"]} />
            )}
            {(kind === "scatter" || aggregate !== "count") && (
              <Choice
                name="y"
                label={kind === "scatter" ? "y" : "of"}
                value={y ?? columns[0]!.name}
                values={columns.map(({ name }) => name)}
              />
            )}
          </>
        )}
        <span class="spring" />
        <button type="button" onClick={() => saveChart(picture.current!, "svg", title)}>
          Save SVG
        </button>
        <button type="button" onClick={() => saveChart(picture.current!, "png", title)}>
          Save PNG
        </button>
      </div>
      {error !== "" && <Notice kind="error">{error}</Notice>}
      <div class="picture" ref={picture} role="img" aria-label={title} />
      <p class="muted">{points?.note}</p>
    </div>
  );
}

function Choice(
  { name, label, value, values }: {
    name: string;
    label: string;
    value: string | undefined;
    values: readonly string[];
  },
): JSX.Element {
  return (
    <label class="choice">
      <span>{label}</span>
      <select
        name={name}
        value={value}
        onChange={(event) => setParams({ [name]: event.currentTarget.value })}
      >
        {values.map((value) => <option key={value} value={value}>{value}</option>)}
      </select>
    </label>
  );
}

function titleOf({ kind, x, y, aggregate }: ChartChoice, label: string): string {
  if (kind === "histogram") return `${label}: distribution of ${x}`;
  if (kind === "scatter") return `${label}: ${y ?? x} by ${x}`;
  return aggregate === "count"
    ? `${label}: rows by ${x}`
    : `${label}: ${aggregate} of ${y} by ${x}`;
}
