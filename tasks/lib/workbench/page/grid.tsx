/**
 * A grid of any number of rows, of which only those in sight are in the page.
 *
 * @module
 */

import type { RegularTableElement } from "regular-table";
import "regular-table";
import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Cell, GridColumn } from "../wire.ts";
import type { GridPages } from "./grid_pages.ts";
import { kindOfCell, showCell } from "./words.ts";
import { printable } from "../../../../src/printable.ts";

/** A place in a grid. */
export interface GridPlace {
  /** The row's number from 0 on. */
  row: number;
  /** The column's number from 0 on. */
  column: number;
}

/** Props of {@linkcode Grid}. */
export interface GridProps {
  /** What the grid is called. */
  label: string;
  /** The rows. */
  pages: GridPages;
  /** The columns. */
  columns: readonly GridColumn[];
  /** How many rows there are. */
  count: number;
  /** What the rows are sorted by. */
  order?: { column: string; descending: boolean };
  /** Called for a click on a column's name. */
  onSort(column: string): void;
  /** Called to show a value whole. */
  onOpen(place: GridPlace): void;
}

/** Shows rows in a grid. The arrow keys move its cursor, and Enter shows the value under it. */
export function Grid(props: GridProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const table = useRef<RegularTableElement>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const cursor = useRef<GridPlace>({ row: 0, column: 0 });
  const [spoken, setSpoken] = useState("");
  useEffect(() => {
    const element = document.createElement("regular-table");
    table.current = element;
    element.setAttribute("role", "region");
    element.addStyleListener(() => decorate(element, latest.current, cursor.current));
    element.addEventListener("click", (event) => {
      const meta = element.getMeta(cellOf(event.target));
      if (meta?.type === "column_header") {
        const column = latest.current.columns[meta.x];
        if (column !== undefined) latest.current.onSort(column.name);
      }
      if (meta?.type !== "body") return;
      cursor.current = { row: meta.y, column: meta.x };
      void element.draw();
    });
    element.addEventListener("dblclick", (event) => {
      const meta = element.getMeta(cellOf(event.target));
      if (meta?.type === "body") latest.current.onOpen({ row: meta.y, column: meta.x });
    });
    element.addEventListener("keydown", (event) => {
      const { count, columns, onOpen } = latest.current;
      if (count === 0 || event.ctrlKey && event.key !== "Home" && event.key !== "End") return;
      if (event.key === "Enter") return onOpen(cursor.current);
      const place = moved(cursor.current, event, { count, columns: columns.length });
      if (place === undefined) return;
      event.preventDefault();
      cursor.current = place;
      void show(element, place);
      void speak(place, latest.current).then(setSpoken, () => {});
    });
    host.current!.append(element);
    const resized = new ResizeObserver(() => void element.draw({ invalid_viewport: true }));
    resized.observe(host.current!);
    return () => {
      resized.disconnect();
      element.remove();
    };
  }, []);
  const { label, pages, columns, count, order } = props;
  useEffect(() => {
    const element = table.current!;
    element.setAttribute(
      "aria-label",
      `${label}: use the arrow keys to move, Enter to open a value`,
    );
    cursor.current = { row: 0, column: Math.min(cursor.current.column, columns.length - 1) };
    element.scrollTop = 0;
    element.setDataListener(async (x0, y0, x1, y1) => {
      // Why rows don't come is said elsewhere.
      const rows = await pages.rows(y0, y1).catch((): Cell[][] => []);
      const shown = columns.slice(x0, x1);
      return {
        num_rows: count,
        num_columns: columns.length,
        column_headers: shown.map(({ name }) => [printable(name)]),
        row_headers: rows.map((_, at) => [(y0 + at + 1).toLocaleString("en")]),
        data: shown.map((_, at) => rows.map((row) => showCell(row[x0 + at]))),
        metadata: shown.map((_, at) => rows.map((row) => kindOfCell(row[x0 + at]))),
      };
    });
    void element.draw({ invalid_viewport: true });
  }, [pages, count, columns]);
  useEffect(() => void table.current?.draw(), [order?.column, order?.descending]);
  return (
    <div class="grid">
      <div class="grid-host" ref={host} />
      <div class="unseen" aria-live="polite">{spoken}</div>
    </div>
  );
}

function cellOf(target: EventTarget | null): HTMLElement | undefined {
  return (target as HTMLElement).closest<HTMLElement>("td, th") ?? undefined;
}

/** Sets what the cells in sight look like, and what a screen reader says of them. */
function decorate(element: RegularTableElement, props: GridProps, cursor: GridPlace): void {
  const { columns, count, order, label } = props;
  const table = element.querySelector("table");
  if (table === null) return;
  table.setAttribute("aria-label", label);
  table.setAttribute("aria-rowcount", String(count + 1));
  table.setAttribute("aria-colcount", String(columns.length + 1));
  for (const th of table.querySelectorAll<HTMLElement>("thead th")) {
    const meta = element.getMeta(th);
    const column = meta?.type === "column_header" ? columns[meta.x] : undefined;
    const sorted = column !== undefined && column.name === order?.column;
    const sort = order?.descending === true ? "descending" : "ascending";
    if (sorted) th.setAttribute("aria-sort", sort);
    else th.removeAttribute("aria-sort");
    th.title = column === undefined ? "" : `${column.type || "no type"}; click to sort`;
    th.setAttribute("scope", "col");
    if (column === undefined) th.firstElementChild!.textContent = "#";
  }
  for (const cell of table.querySelectorAll<HTMLElement>("tbody td, tbody th")) {
    const meta = element.getMeta(cell);
    if (meta?.type === "row_header") cell.setAttribute("scope", "row");
    if (meta?.type !== "body") continue;
    cell.className = `cell-${meta.user}`;
    cell.classList.toggle("cursor", meta.y === cursor.row && meta.x === cursor.column);
  }
}

const PAGE_STEP = 20;

function moved(
  { row, column }: GridPlace,
  { key, ctrlKey }: KeyboardEvent,
  size: { count: number; columns: number },
): GridPlace | undefined {
  const at = (row: number, column: number): GridPlace => ({
    row: Math.max(0, Math.min(size.count - 1, row)),
    column: Math.max(0, Math.min(size.columns - 1, column)),
  });
  switch (key) {
    case "ArrowDown":
      return at(row + 1, column);
    case "ArrowUp":
      return at(row - 1, column);
    case "ArrowRight":
      return at(row, column + 1);
    case "ArrowLeft":
      return at(row, column - 1);
    case "PageDown":
      return at(row + PAGE_STEP, column);
    case "PageUp":
      return at(row - PAGE_STEP, column);
    case "Home":
      return ctrlKey ? at(0, 0) : at(row, 0);
    case "End":
      return ctrlKey ? at(Infinity, Infinity) : at(row, Infinity);
    default:
      return undefined;
  }
}

/** Scrolls just as far as the cursor needs to be in sight. */
async function show(element: RegularTableElement, { row, column }: GridPlace): Promise<void> {
  const inSight = [...element.querySelectorAll<HTMLElement>("tbody td")].flatMap((td) => {
    const meta = element.getMeta(td);
    if (meta?.type !== "body") return [];
    const box = td.getBoundingClientRect();
    const frame = element.getBoundingClientRect();
    return box.bottom <= frame.bottom && box.right <= frame.right ? [meta] : [];
  });
  const rows = inSight.map(({ y }) => y);
  const columns = inSight.map(({ x }) => x);
  const [top, bottom] = [Math.min(...rows), Math.max(...rows)];
  const [left, right] = [Math.min(...columns), Math.max(...columns)];
  const y = row < top ? row : row > bottom ? row - (bottom - top) : undefined;
  const x = column < left ? column : column > right ? column - (right - left) : undefined;
  if (y === undefined && x === undefined) await element.draw();
  else await element.scrollToCell(x ?? left, y ?? top);
}

async function speak({ row, column }: GridPlace, { pages, columns }: GridProps): Promise<string> {
  const [cells]: (Cell[] | undefined)[] = await pages.rows(row, row + 1);
  return `Row ${row + 1}, ${columns[column]?.name}: ${showCell(cells?.[column])}`;
}
