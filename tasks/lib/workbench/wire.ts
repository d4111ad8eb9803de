/**
 * What the workbench's server and its page say to each other.
 *
 * @module
 */

import type { LogLevel } from "../../../src/log.ts";

/** The header that carries the token of a request. */
export const TOKEN_HEADER = "x-workbench-token";

/** A value of a grid. Text and BLOBs come cut: `bytes` is their whole length. */
export type Cell =
  | null
  | number
  | string
  | { integer: string }
  | { text: string; bytes: number }
  | { hex: string; bytes: number };

/** A column of a grid. */
export interface GridColumn {
  /** Its name. */
  name: string;
  /** Its declared type; empty if it has none. */
  type: string;
}

/** A table or view, and what is known about it. */
export interface TableInfo {
  /** Its name. */
  name: string;
  /** What it is. */
  kind: "table" | "view";
  /** Its columns, in order. */
  columns: GridColumn[];
  /** How many rows it has. */
  rows: number;
}

/** Rows that a grid shows: a table, which of its rows, and in which order. */
export interface GridView {
  /** The database: `refiner`, `input`, `answer:ID` or `artifact:NAME`. */
  source: string;
  /** The table's name. */
  table: string;
  /** An SQL condition; empty for all rows. */
  where: string;
  /** The column that rows are sorted by; `undefined` for the table's own order. */
  order?: { column: string; descending: boolean };
}

/** Some of a view's rows. */
export interface GridRows {
  /** The view's columns. */
  columns: GridColumn[];
  /** How many rows the view has. */
  count: number;
  /** The rows that were asked for. */
  rows: Cell[][];
}

/** A value of a grid, whole. */
export interface WholeCell {
  /** What is stored. */
  kind: "null" | "integer" | "real" | "text" | "blob";
  /** The value as text, hexadecimal for a BLOB. */
  text: string;
  /** Its length. */
  bytes: number;
  /** Whether `text` is all of it. */
  whole: boolean;
}

/** A part of a distribution: what it counts, and how many. */
export interface Share {
  /** A value, or where a bin begins. */
  label: string;
  /** How many rows. */
  count: number;
}

/** What a column holds. */
export interface ColumnProfile {
  /** Rows in the view. */
  rows: number;
  /** Rows without a value. */
  nulls: number;
  /** Different values; at most {@linkcode ColumnProfile.distinctLimit} are counted. */
  distinct: number;
  /** Where counting different values stops. */
  distinctLimit: number;
  /** What its values are. */
  kind: "empty" | "number" | "date" | "text";
  /** The least value; `undefined` for text. */
  min?: string;
  /** The greatest value; `undefined` for text. */
  max?: string;
  /** The mean of numbers. */
  mean?: number;
  /** Equal bins from the least to the greatest value; or the most frequent values, then the rest. */
  shares: Share[];
}

/** The kinds of charts. */
export type ChartKind = "bar" | "line" | "scatter" | "histogram";

/** What a bar or a line shows of the rows that share an x. */
export type Aggregate = "count" | "sum" | "mean";

/** A chart of a view. */
export interface ChartRequest {
  /** The rows. */
  view: GridView;
  /** Its kind. */
  kind: ChartKind;
  /** The column along the x axis. */
  x: string;
  /** The column along the y axis, where the kind has one. */
  y?: string;
  /** What is shown of a bar's rows. */
  aggregate: Aggregate;
}

/** The points of a chart. */
export interface ChartPoints {
  /** What `x` is. */
  xKind: "number" | "date" | "text";
  /** The points; `x2` is where a histogram's bin ends. */
  points: { x: string | number; x2?: number; y: number }[];
  /** What the picture leaves out, in a sentence; empty if nothing. */
  note: string;
}

/** What a query gave. */
export type QueryAnswer =
  | { ok: true; id: string; columns: GridColumn[]; count: number; seconds: number }
  | { ok: false; message: string; from?: number; to?: number; seconds: number };

/** Whether an account may run a query on a network, and what that costs, in words. */
export interface QuotedQuery {
  /** What it reads, and what permits that at what price. */
  reads: { name: string; permission: string }[];
  /** Whether permissions cover it. */
  permitted: string;
  /** What it costs, and what the account has, in each token. */
  prices: { price: string; balance: string }[];
  /** Why the price isn't exact; left out if it is. */
  inexact?: string;
  /** Whether the account has enough. */
  affordable: string;
}

/** A line that the job or its host logged. */
export interface LogLine {
  /** Its level; `output` for what was printed past the log. */
  level: LogLevel | "output";
  /** When, as ISO 8601. */
  time: string;
  /** The text. */
  text: string;
}

/** A run of the job. */
export interface RunState {
  /** Its number, counted from 1. */
  number: number;
  /** What happens, or how it ended. */
  phase: "data" | "job" | "done" | "failed" | "stopped";
  /** When it began, as ISO 8601. */
  started: string;
  /** Why it was started. */
  cause: string;
  /** The job's own seconds, once it has ended. */
  seconds?: number;
  /** Seconds from the change to the artifacts. */
  totalSeconds?: number;
  /** The most memory that its process took, in bytes, where the system says. */
  memoryBytes?: number;
  /** The exit code. */
  code?: number;
  /** Why it failed. */
  error?: { message: string; place?: string };
  /** Log lines that weren't kept. */
  dropped: number;
}

/** The job of this checkout. */
export interface JobInfo {
  /** Its module, as a person would type it. */
  entry: string;
  /** Its name; `undefined` while it can't be loaded. */
  name?: string;
  /** What it may do, a sentence each. */
  rights: string[];
}

/** What the type check says. */
export interface TypeCheck {
  /** What happens, or how it ended. */
  state: "running" | "passed" | "failed";
  /** The compiler's messages. */
  text: string;
}

/** The data that the job gets. */
export interface DataState {
  /** Where it comes from, in a sentence. */
  description: string;
  /** Changes whenever the data does. */
  version: number;
  /** The tables of the refiner's schema. */
  refiner: TableInfo[];
  /** What the job gets; `undefined` if it can't be made. */
  input?: TableInfo;
  /** Why there is none. */
  error?: string;
}

/** How an artifact is shown. */
export type ArtifactKind =
  | "database"
  | "csv"
  | "json"
  | "json-lines"
  | "text"
  | "image"
  | "html"
  | "other";

/** A file in the output. */
export interface ArtifactInfo {
  /** Its path below the output. */
  name: string;
  /** Its length. */
  bytes: number;
  /** How it is shown. */
  kind: ArtifactKind;
  /** What the last run did to it. */
  status: "new" | "changed" | "same" | "earlier";
  /** Its length before the last run, where that changed it. */
  bytesBefore?: number;
  /** Changes whenever the file does. */
  stamp: string;
}

/** All that the page shows without asking. */
export interface WorkbenchState {
  /** The job. */
  job: JobInfo;
  /** Its data. */
  data: DataState;
  /** The last run; `undefined` before the first. */
  run?: RunState;
  /** The type check of the last run. */
  check?: TypeCheck;
  /** What is in the output. */
  artifacts: ArtifactInfo[];
  /** The script with the refiner's tables and the job's query, as a person would type it. */
  script: string;
  /** For whom and on which network queries are quoted; `undefined` where none was chosen. */
  quotes?: string;
  /** The job's query in the script; `undefined` if it has none. */
  jobQuery?: string;
}

/** What the server sends as it happens: all of the state, a part of it, or log lines. */
export type WorkbenchEvent =
  | { type: "all"; state: WorkbenchState; log: LogLine[] }
  | { type: "part"; part: Partial<WorkbenchState> }
  | { type: "log"; run: number; lines: LogLine[] };

/** A look into an artifact. */
export type ArtifactPreview =
  | { kind: "tables"; source: string; tables: TableInfo[] }
  | { kind: "text"; text: string; whole: boolean }
  | { kind: "none"; reason: string };
