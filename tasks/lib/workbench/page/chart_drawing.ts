/**
 * Draws a chart with Observable Plot.
 *
 * @module
 */

import {
  barX,
  dot,
  gridX,
  gridY,
  lineY,
  plot,
  type PlotOptions,
  rectY,
  ruleX,
  ruleY,
} from "@observablehq/plot";
import { printable } from "../../../../src/printable.ts";
import type { ChartPoints } from "../wire.ts";
import type { ChartChoice } from "./chart_choice.ts";

const HEIGHT = 380;
const BAR_HEIGHT = 24;

/** Room for labels: as many characters as fit beside the bars. */
const LABEL_CHARS = 28;

/** Draws a chart into an element, in place of the one before. */
export function drawChart(
  element: HTMLElement,
  { points, xKind }: ChartPoints,
  choice: ChartChoice & { title: string },
): void {
  if (points.length === 0) {
    element.replaceChildren(Object.assign(document.createElement("p"), {
      className: "muted",
      textContent: "There is nothing to draw.",
    }));
    return;
  }
  const { kind, x, y, aggregate } = choice;
  const data = points.map((point) => ({
    x: xKind === "date"
      ? new Date(Number(point.x))
      : typeof point.x === "string"
      ? cut(point.x)
      : point.x,
    x2: xKind === "date" ? new Date(point.x2 ?? 0) : point.x2,
    y: point.y,
  }));
  const yLabel = kind === "scatter"
    ? y ?? x
    : aggregate === "count" || kind === "histogram"
    ? "rows"
    : `${aggregate} of ${y}`;
  const color = "var(--accent)";
  // Between small counts there is nothing to mark.
  const whole = data.every(({ y }) => Number.isInteger(y) && y <= 10) ? { interval: 1 } : {};
  const common: PlotOptions = {
    width: Math.max(280, element.clientWidth),
    height: HEIGHT,
    marginLeft: 64,
    style: { background: "transparent", color: "currentColor", fontSize: "12px" },
  };
  const options: PlotOptions = kind === "bar"
    ? {
      ...common,
      height: data.length * BAR_HEIGHT + 60,
      marginLeft: 16 +
        7 * Math.min(LABEL_CHARS, Math.max(...data.map(({ x }) => String(x).length))),
      x: { label: yLabel, ...whole },
      y: { label: null },
      marks: [
        gridX(),
        barX(data, { x: "y", y: "x", sort: { y: null }, fill: color, title: describe }),
        ruleX([0]),
      ],
    }
    : kind === "histogram"
    ? {
      ...common,
      x: { label: x },
      y: { label: yLabel, ...whole },
      marks: [
        gridY(),
        rectY(data, { x1: "x", x2: "x2", y: "y", fill: color, inset: 0.5 }),
        ruleY([0]),
      ],
    }
    : {
      ...common,
      x: { label: x, ...(xKind === "text" ? { type: "point" } : {}) },
      y: { label: yLabel, ...whole },
      marks: [
        gridY(),
        kind === "line"
          ? lineY(data, {
            x: "x",
            y: "y",
            stroke: color,
            marker: data.length < 60 ? "circle" : undefined,
          })
          : dot(data, { x: "x", y: "y", r: 2.5, fill: color, fillOpacity: 0.55 }),
      ],
    };
  const drawn = plot(options);
  drawn.setAttribute("aria-hidden", "true");
  element.replaceChildren(drawn);
}

function describe({ x, y }: { x: unknown; y: number }): string {
  return `${x}: ${y.toLocaleString("en")}`;
}

function cut(label: string): string {
  const text = printable(label);
  return text.length > LABEL_CHARS ? `${text.slice(0, LABEL_CHARS - 1)}…` : text;
}
