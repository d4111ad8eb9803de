/**
 * The view of the data: the refiner's tables, and what the job gets.
 *
 * @module
 */

import type { JSX } from "preact";
import { printable } from "../../../../src/printable.ts";
import type { TableInfo } from "../wire.ts";
import { GridPanel } from "./grid_panel.tsx";
import { Link } from "./link.tsx";
import { workbench } from "./live.ts";
import { Notice } from "./notice.tsx";
import { hrefOf, route } from "./route.ts";
import { grouped } from "./words.ts";

/** The view. */
export function DataView(): JSX.Element {
  const { data } = workbench.value!;
  const tables = [
    ...data.refiner.map((table) => ({ source: "refiner", table })),
    ...(data.input === undefined ? [] : [{ source: "input", table: data.input }]),
  ];
  const [source, name] = route.value.rest;
  const chosen = source === undefined
    ? tables[0]
    : tables.find((entry) => entry.source === source && entry.table.name === name);
  const list = (of: string) => tables.filter(({ source }) => source === of);
  return (
    <div class="split">
      <nav class="side" aria-label="Tables">
        <h2>Refiner's tables</h2>
        <TableList tables={list("refiner")} chosen={chosen} />
        <h2>What the job gets</h2>
        <TableList tables={list("input")} chosen={chosen} />
        <p class="muted">{data.description.replace(/^Data: /, "")}</p>
      </nav>
      <div class="main">
        {data.error !== undefined && (
          <Notice kind="error">
            <pre>{data.error}</pre>
          </Notice>
        )}
        {chosen === undefined
          ? tables.length === 0 && data.error === undefined
            ? <p class="waiting">Making the data…</p>
            : <NoTable name={name} />
          : (
            <GridPanel
              key={`${chosen.source}/${chosen.table.name}`}
              source={chosen.source}
              table={chosen.table.name}
              label={chosen.table.name}
              version={data.version}
            />
          )}
      </div>
    </div>
  );
}

/** A table and the database it is in. */
interface Entry {
  source: string;
  table: TableInfo;
}

function TableList(
  { tables, chosen }: { tables: readonly Entry[]; chosen: Entry | undefined },
): JSX.Element {
  if (tables.length === 0) return <p class="muted">none</p>;
  return (
    <ul class="links">
      {tables.map((entry) => (
        <li key={entry.table.name}>
          <Link
            href={hrefOf("data", entry.source, entry.table.name)}
            current={entry === chosen}
          >
            <span class="name">{printable(entry.table.name)}</span>
            <span class="figure">{grouped(entry.table.rows)}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

function NoTable({ name }: { name: string | undefined }): JSX.Element {
  return (
    <div class="empty">
      <h3>{name === undefined ? "No tables" : `There is no table ${printable(name)}`}</h3>
      <p>
        Put your refiner's schema and some rows into{" "}
        <code>{workbench.value!.script}</code>; this page shows them as soon as the file is saved.
      </p>
    </div>
  );
}
