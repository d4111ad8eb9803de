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
import type { ChartChoice } from "./chart_choice.tsx";
import { styleNonce } from "./style_nonce.tsx";

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
  const common: PlotOptions = {
    width: Math.max(280, element.clientWidth),
    height: HEIGHT,
    marginLeft: 64,
    style: { background: "transparent", color: "currentColor", fontSize: "12px" },
    document: documentWithNonce,
  };
  const options: PlotOptions = kind === "bar"
    ? {
      ...common,
      height: data.length * BAR_HEIGHT + 60,
      marginLeft: 16 +
        7 * Math.min(LABEL_CHARS, Math.max(...data.map(({ x }) => String(x).length))),
      x: { label: yLabel },
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
      y: { label: yLabel },
      marks: [
        gridY(),
        rectY(data, { x1: "x", x2: "x2", y: "y", fill: color, inset: 0.5 }),
        ruleY([0]),
      ],
    }
    : {
      ...common,
      x: { label: x, ...(xKind === "text" ? { type: "point" } : {}) },
      y: { label: yLabel },
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

/** Plot puts a style into each picture, which the page's policy allows with the nonce only. */
const documentWithNonce = new Proxy(document, {
  get(target, name) {
    if (name === "documentElement") return { ownerDocument: documentWithNonce, namespaceURI: "" };
    const value = Reflect.get(target, name);
    if (name !== "createElementNS") return typeof value === "function" ? value.bind(target) : value;
    return (space: string, tag: string) => {
      const made = target.createElementNS(space, tag);
      if (tag === "style") made.setAttribute("nonce", styleNonce);
      return made;
    };
  },
});
