/**
 * What each column of a view holds: its gaps, its range, and how its values are distributed.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { printable } from "../../../../src/printable.ts";
import type { ColumnProfile, GridColumn, GridView } from "../wire.ts";
import { ask } from "./api.ts";
import { counted, grouped } from "./words.ts";

/** Props of {@linkcode Profiles}. */
export interface ProfilesProps {
  /** The rows. */
  view: GridView;
  /** The columns. */
  columns: readonly GridColumn[];
  /** Changes whenever the rows do. */
  version: string | number;
}

/** Lists the columns; each is looked at when it comes into sight. */
export function Profiles({ view, columns, version }: ProfilesProps): JSX.Element {
  return (
    <details class="profiles" open={innerWidth >= 900}>
      <summary>{counted(columns.length, "column")}</summary>
      <ul aria-label="Columns" tabIndex={0}>
        {columns.map((column) => (
          <Profile key={column.name} view={view} column={column} version={version} />
        ))}
      </ul>
    </details>
  );
}

function Profile(
  { view: { source, table, where }, column, version }: Omit<ProfilesProps, "columns"> & {
    column: GridColumn;
  },
): JSX.Element {
  const item = useRef<HTMLLIElement>(null);
  const [seen, setSeen] = useState(false);
  const [profile, setProfile] = useState<ColumnProfile | string>();
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => {
      if (entry!.isIntersecting) setSeen(true);
    });
    observer.observe(item.current!);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (!seen) return;
    const left = new AbortController();
    const view = { source, table, where };
    ask<ColumnProfile>("profile", { view, column: column.name }, left.signal).then(
      setProfile,
      ({ message }: Error) => !left.signal.aborted && setProfile(message),
    );
    return () => left.abort();
  }, [seen, source, table, where, column.name, version]);
  return (
    <li ref={item}>
      <div class="profile-head">
        <strong>{printable(column.name)}</strong>
        <span class="muted">{column.type.toLowerCase()}</span>
      </div>
      {profile === undefined
        ? <p class="muted">…</p>
        : typeof profile === "string"
        ? <p class="muted">{profile}</p>
        : <Distribution profile={profile} />}
    </li>
  );
}

function Distribution({ profile }: { profile: ColumnProfile }): JSX.Element {
  const { kind, rows, nulls, distinct, distinctLimit } = profile;
  if (rows === 0) return <p class="muted">no rows</p>;
  if (kind === "empty") return <p class="muted">no values</p>;
  const facts = [
    nulls === 0 ? "no gaps" : `${percent(nulls, rows)} gaps`,
    distinct === rows - nulls && distinct > 1
      ? "all different"
      : distinct === 1
      ? "always the same"
      : `${distinct >= distinctLimit ? "over " : ""}${grouped(distinct)} different`,
  ];
  return (
    <>
      {kind === "text" ? <TopValues profile={profile} /> : <Bins profile={profile} />}
      <p class="muted">{facts.join(" · ")}</p>
    </>
  );
}

const WIDTH = 200;
const HEIGHT = 36;

function Bins(
  { profile: { shares, min = "", max = "", kind, mean } }: { profile: ColumnProfile },
): JSX.Element {
  const most = Math.max(...shares.map(({ count }) => count));
  const step = WIDTH / shares.length;
  const range = kind === "date" ? [min.slice(0, 10), max.slice(0, 10)] : [short(min), short(max)];
  const label = `From ${range[0]} to ${range[1]}` +
    (mean === undefined ? "" : `, mean ${short(String(mean))}`);
  return (
    <>
      <svg
        class="bins"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={label}
      >
        {shares.map(({ count }, at) => {
          const height = count === 0 ? 0 : Math.max(1.5, count / most * HEIGHT);
          return (
            <rect
              key={at}
              x={at * step}
              y={HEIGHT - height}
              width={Math.max(1, step - 1)}
              height={height}
            />
          );
        })}
      </svg>
      <div class="range" aria-hidden="true">
        <span>{range[0]}</span>
        <span>{range[1]}</span>
      </div>
    </>
  );
}

function TopValues({ profile: { shares, rows } }: { profile: ColumnProfile }): JSX.Element {
  // As bars, values that are all different say nothing.
  if (shares.every(({ label, count }) => count === 1 || label === "") && shares.length > 1) {
    const examples = shares.slice(0, 2).map(({ label }) => printable(label));
    return <p class="examples">{examples.join(", ")}, …</p>;
  }
  const shown = shares.slice(0, 5);
  return (
    <ul class="top-values">
      {shown.map(({ label, count }, at) => (
        <li key={at}>
          <span class="bar" style={{ width: `${Math.max(1, count / rows * 100)}%` }} />
          <span class="value">{label === "" ? "others" : printable(label)}</span>
          <span class="figure">{percent(count, rows)}</span>
        </li>
      ))}
    </ul>
  );
}

function percent(part: number, whole: number): string {
  const share = part / whole * 100;
  return share > 0 && share < 1 ? "<1%" : `${Math.round(share)}%`;
}

function short(number: string): string {
  return number.length <= 12 ? number : String(Number(Number(number).toPrecision(6)));
}
