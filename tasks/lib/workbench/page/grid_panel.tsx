/**
 * The rows of a table with all that can be done with them: filter, sort, look into, chart.
 *
 * @module
 */

import type { ComponentChildren, JSX } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { GridColumn, GridView } from "../wire.ts";
import { CellDialog } from "./cell_dialog.tsx";
import { Chart } from "./chart.tsx";
import { Grid, type GridPlace } from "./grid.tsx";
import { GridPages } from "./grid_pages.ts";
import { Notice } from "./notice.tsx";
import { Profiles } from "./profiles.tsx";
import { route, setParams } from "./route.ts";
import { counted } from "./words.ts";

/** Props of {@linkcode GridPanel}. */
export interface GridPanelProps {
  /** The database. */
  source: string;
  /** The table's name. */
  table: string;
  /** What it is called. */
  label: string;
  /** Changes whenever the rows do. */
  version: string | number;
  /** What stands before the panel's own tools. */
  children?: ComponentChildren;
}

/** What is known of a view's rows. */
interface Loaded {
  pages: GridPages;
  view: GridView;
  columns: readonly GridColumn[];
  count: number;
}

/** Shows a table. Filter, order and chart are a part of the page's address. */
export function GridPanel(
  { source, table, label, version, children }: GridPanelProps,
): JSX.Element {
  const { params } = route.value;
  const where = params.get("where") ?? "";
  const sort = params.get("sort") ?? undefined;
  const show = params.get("show") ?? "rows";
  const [loaded, setLoaded] = useState<Loaded>();
  const [error, setError] = useState("");
  const [opened, setOpened] = useState<GridPlace>();
  const view = useMemo((): GridView => ({
    source,
    table,
    where,
    order: sort === undefined
      ? undefined
      : { column: sort.replace(/^-/, ""), descending: sort.startsWith("-") },
  }), [source, table, where, sort]);
  useEffect(() => {
    let current = true;
    const pages = new GridPages(view);
    setError("");
    pages.page(0).then(({ columns, count }) => {
      if (current) setLoaded({ pages, view, columns, count });
    }, ({ message }: Error) => {
      if (!current) return;
      setLoaded(undefined);
      setError(message);
    });
    return () => {
      current = false;
      pages.leave();
    };
  }, [view, version]);
  const sortBy = (column: string) => {
    const next = sort === column ? `-${column}` : sort === `-${column}` ? undefined : column;
    setParams({ sort: next });
  };
  return (
    <section class="grid-panel" aria-label={label}>
      <div class="toolbar">
        {children}
        <Filter where={where} broken={error !== "" && where !== ""} />
        {loaded !== undefined && <SortChoice columns={loaded.columns} sort={sort} />}
        <span class="figure" role="status">
          {loaded === undefined ? "" : counted(loaded.count, "row")}
          {where !== "" && loaded !== undefined ? " of the filter" : ""}
        </span>
        <span class="spring" />
        <ShowChoice show={show} />
      </div>
      {error !== "" && <Notice kind="error">{error}</Notice>}
      {loaded === undefined && error === "" && <p class="waiting">Reading rows…</p>}
      {loaded !== undefined && (
        <div class="grid-area">
          {show === "chart"
            ? <Chart view={loaded.view} columns={loaded.columns} version={version} label={label} />
            : loaded.count === 0
            ? <Empty where={where} columns={loaded.columns} />
            : (
              <Grid
                label={label}
                pages={loaded.pages}
                columns={loaded.columns}
                count={loaded.count}
                order={loaded.view.order}
                onSort={sortBy}
                onOpen={setOpened}
              />
            )}
          <Profiles view={loaded.view} columns={loaded.columns} version={version} />
        </div>
      )}
      {opened !== undefined && loaded !== undefined && (
        <CellDialog
          view={loaded.view}
          row={opened.row}
          column={loaded.columns[opened.column]!.name}
          onClose={() => setOpened(undefined)}
        />
      )}
    </section>
  );
}

function Filter({ where, broken }: { where: string; broken: boolean }): JSX.Element {
  const [text, setText] = useState(where);
  useEffect(() => setText(where), [where]);
  return (
    <form
      class="filter"
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        setParams({ where: text.trim() });
      }}
    >
      <label>
        <span class="unseen">Filter by an SQL condition</span>
        <input
          type="search"
          name="where"
          value={text}
          placeholder="Filter: an SQL condition"
          spellcheck={false}
          autocomplete="off"
          aria-invalid={broken}
          onInput={(event) => setText(event.currentTarget.value)}
          onSearch={(event) => {
            if (event.currentTarget.value === "") setParams({ where: undefined });
          }}
        />
      </label>
      <button type="submit">Filter</button>
    </form>
  );
}

function SortChoice(
  { columns, sort }: { columns: readonly GridColumn[]; sort: string | undefined },
): JSX.Element {
  return (
    <label class="choice">
      <span>Sort</span>
      <select
        name="sort"
        value={sort ?? ""}
        onChange={(event) => setParams({ sort: event.currentTarget.value })}
      >
        <option value="">as stored</option>
        {columns.flatMap(({ name }) => [
          <option key={name} value={name}>{name} ↑</option>,
          <option key={`-${name}`} value={`-${name}`}>{name} ↓</option>,
        ])}
      </select>
    </label>
  );
}

function ShowChoice({ show }: { show: string }): JSX.Element {
  const choice = (value: string, text: string) => (
    <button
      type="button"
      aria-pressed={show === value}
      onClick={() => setParams({ show: value === "rows" ? undefined : value })}
    >
      {text}
    </button>
  );
  return (
    <div class="segments" role="group" aria-label="Show as">
      {choice("rows", "Rows")}
      {choice("chart", "Chart")}
    </div>
  );
}

function Empty(
  { where, columns }: { where: string; columns: readonly GridColumn[] },
): JSX.Element {
  return (
    <div class="empty">
      <h3>No rows</h3>
      {where === "" ? <p>Its columns: {columns.map(({ name }) => name).join(", ")}</p> : (
        <p>
          No row meets the filter.{" "}
          <button type="button" onClick={() => setParams({ where: undefined })}>
            Remove the filter
          </button>
        </p>
      )}
    </div>
  );
}
