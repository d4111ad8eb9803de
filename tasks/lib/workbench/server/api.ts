/**
 * What the page can ask for. Every request has passed the guard.
 *
 * @module
 */

import { basename } from "node:path";
import * as v from "valibot";
import { messageOf } from "../../../../src/errors.ts";
import { readScript } from "../../data/script_text.ts";
import { ToolError } from "../../errors.ts";
import { shortPath } from "../../person_path.ts";
import type { SqlProcess } from "../sql/sql_process.ts";
import type { QuotedQuery } from "../wire.ts";
import type { Artifacts } from "./artifacts.ts";
import { eventStream } from "./event_stream.ts";
import { ARTIFACT_POLICY, withSecurityHeaders } from "./guard.ts";
import { replaceScript, withJobQuery } from "./job_query.ts";
import type { Loop } from "./loop.ts";
import { Passes } from "./passes.ts";
import { previewArtifact } from "./preview.ts";
import type { QueryRunner } from "./run_query.ts";
import type { Sources } from "./sources.ts";
import type { Store } from "./store.ts";
import { shownText } from "./shown_text.ts";

/** What requests are answered with. */
export interface ApiOptions {
  /** The script of the data, absolute. */
  script: string;
  /** A folder for databases. */
  folder: string;
  /** What the page shows. */
  store: Store;
  /** The loop. */
  loop: Loop;
  /** What the job wrote. */
  artifacts: Artifacts;
  /** Databases by name. */
  sources: Sources;
  /** Runs queries. */
  queries: QueryRunner;
  /** Asks what a query costs, where a network was chosen. */
  quote?(query: string): Promise<QuotedQuery>;
  /** Makes databases. */
  writer: SqlProcess;
  /** Reads rows. */
  reader: SqlProcess;
  /** Reads what takes longer; rows don't wait for it. */
  analyst: SqlProcess;
  /** Makes databases of artifacts; the job's data doesn't wait for it. */
  importer: SqlProcess;
}

const View = v.object({
  source: v.string(),
  table: v.string(),
  where: v.string(),
  order: v.optional(v.object({ column: v.string(), descending: v.boolean() })),
});
const WholeNumber = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Rows = v.object({
  view: View,
  from: WholeNumber,
  count: v.pipe(WholeNumber, v.maxValue(1000)),
});
const CellPlace = v.object({ view: View, row: WholeNumber, column: v.string() });
const ColumnOf = v.object({ view: View, column: v.string() });
const Chart = v.object({
  view: View,
  kind: v.picklist(["bar", "line", "scatter", "histogram"]),
  x: v.string(),
  y: v.optional(v.string()),
  aggregate: v.picklist(["count", "sum", "mean"]),
});
const Sql = v.object({ sql: v.string(), params: v.optional(v.array(v.any()), []) });
const Name = v.object({ name: v.string() });
const PassOrder = v.object({ name: v.string(), use: v.picklist(["download", "frame"]) });

/** The largest file that is sent as one picture. */
const MOST_IMAGE_BYTES = 32 * 1024 * 1024;

/** Answers the page's requests. */
export class Api {
  readonly #options: ApiOptions;
  readonly #passes = new Passes();

  /** Nothing was asked yet. */
  constructor(options: ApiOptions) {
    this.#options = options;
  }

  /** Answers a request that carries the token. */
  async answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method === "GET" && pathname === "/api/events") {
      return eventStream(this.#options.store);
    }
    const call = CALLS[pathname.slice("/api/".length)];
    if (request.method !== "POST" || call === undefined) {
      return Response.json({ error: "There is nothing here" }, { status: 404 });
    }
    try {
      const body: unknown = await request.json();
      const answer = await call(body, { ...this.#options, passes: this.#passes }, request.signal);
      return answer instanceof Response ? answer : Response.json(answer ?? {});
    } catch (error) {
      const message = v.isValiError(error)
        ? `The request isn't valid: ${error.message}`
        : messageOf(error);
      return Response.json({ error: shownText(message) }, { status: 400 });
    }
  }

  /** Answers a request that carries a pass instead of the token. */
  async answerPass(id: string): Promise<Response> {
    const { artifacts } = this.#options;
    const pass = this.#passes.redeem(id);
    const path = pass === undefined ? undefined : artifacts.pathOf(pass.name);
    if (pass === undefined || path === undefined) {
      return withSecurityHeaders(
        new Response("This address is no longer valid", { status: 404 }),
      );
    }
    const file = await Deno.open(path);
    const { size } = await file.stat();
    if (pass.use === "frame") {
      const headers = { "content-type": "text/html; charset=utf-8" };
      return withSecurityHeaders(new Response(file.readable, { headers }), ARTIFACT_POLICY);
    }
    return withSecurityHeaders(
      new Response(file.readable, {
        headers: {
          "content-type": "application/octet-stream",
          "content-length": String(size),
          "content-disposition": `attachment; filename*=UTF-8''${
            encodeURIComponent(basename(pass.name)).replaceAll("'", "%27")
          }`,
        },
      }),
    );
  }
}

type Call = (
  body: unknown,
  options: ApiOptions & { passes: Passes },
  signal: AbortSignal,
) => unknown;

const CALLS: Readonly<Record<string, Call>> = {
  rows(body, { reader, sources }, signal) {
    const order = v.parse(Rows, body);
    return reader.call("readRows", { ...order, view: sources.viewOf(order.view) }, { signal });
  },
  cell(body, { reader, sources }) {
    const order = v.parse(CellPlace, body);
    return reader.call("readCell", { ...order, view: sources.viewOf(order.view) });
  },
  profile(body, { analyst, sources }, signal) {
    const order = v.parse(ColumnOf, body);
    const view = sources.viewOf(order.view);
    return analyst.call("profileColumn", { ...order, view }, { signal });
  },
  chart(body, { analyst, sources }, signal) {
    const order = v.parse(Chart, body);
    const view = sources.viewOf(order.view);
    return analyst.call("chartPoints", { ...order, view }, { signal });
  },
  query(body, { queries }, signal) {
    const { sql, params } = v.parse(Sql, body);
    return queries.run(sql, params, signal);
  },
  quote(body, { quote }) {
    const { sql } = v.parse(Sql, body);
    if (quote === undefined) {
      throw new ToolError("No network was chosen; start with --refiner and --account");
    }
    return quote(sql);
  },
  async "use-query"(body, { script, folder, writer }) {
    const { sql } = v.parse(Sql, body);
    const text = withJobQuery(readScript(script), sql);
    await writer.call("tryScript", { text, name: shortPath(script), folder });
    replaceScript(script, text);
  },
  run(_, { loop }) {
    loop.restart("a click");
  },
  stop(_, { loop }) {
    loop.stop();
  },
  preview(body, { store, artifacts, ...options }, signal) {
    const { name } = v.parse(Name, body);
    const info = store.state.artifacts.find((artifact) => artifact.name === name);
    return previewArtifact(info!, pathOf(artifacts, name), { ...options, signal });
  },
  image(body, { artifacts }) {
    const path = pathOf(artifacts, v.parse(Name, body).name);
    if (Deno.statSync(path).size > MOST_IMAGE_BYTES) {
      throw new ToolError("The picture is larger than 32 MiB; download it to see it");
    }
    return new Response(Deno.readFileSync(path));
  },
  pass(body, { artifacts, passes }) {
    const { name, use } = v.parse(PassOrder, body);
    pathOf(artifacts, name);
    return { url: `/pass/${passes.issue({ name, use })}` };
  },
};

function pathOf(artifacts: Artifacts, name: string): string {
  const path = artifacts.pathOf(name);
  if (path !== undefined) return path;
  throw new ToolError("This artifact no longer exists");
}
