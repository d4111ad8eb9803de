/**
 * A Query Engine on this machine: the protocol of the network's own, over real SQL.
 *
 * @module
 */

import * as v from "valibot";
import { isLoopback } from "../../../src/loopback.ts";
import { placeIn } from "../data/sql_error.ts";
import { ToolError } from "../errors.ts";
import { type AskedQuery, RefusedError } from "./asked_query.ts";
import type { Evidence, FaultTools, Stage } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import {
  isExpired,
  isReady,
  Queries,
  type QueriesOptions,
  type Query,
  type QueryOutcome,
  type QueryTerms,
} from "./queries.ts";
import { recoverSigner } from "./signature.ts";
import { type Answer, json, lengthOf, transmit } from "./transmission.ts";
import { type Exchange, serveWire, type WireServer } from "./wire.ts";

/** A fault that the engine has. */
export interface Fault {
  /** A name in {@linkcode FAULTS}. */
  name: string;
  /**
   * The requests it meets.
   *
   * @default The first of the fault's own stages
   */
  stage?: Stage;
  /**
   * How many of them.
   *
   * @default What the fault itself says
   */
  times?: number;
}

/** Options of {@linkcode startEngine}. */
export interface EngineOptions extends QueriesOptions {
  /**
   * The port on 127.0.0.1; 0 picks one.
   *
   * @default 0
   */
  port?: number;
  /**
   * A further address of this machine at which it listens, for containers.
   *
   * @default none
   */
  bridge?: string;
  /**
   * Names beside 127.0.0.1 and localhost by which it may be asked.
   *
   * @default none
   */
  hosts?: readonly string[];
  /**
   * The accounts that may ask.
   *
   * @default Everyone who signs
   */
  signers?: readonly string[];
  /**
   * Decides whether a query may run, and on what terms, as a network's engine does. It throws a
   * {@linkcode RefusedError} for one that may not; any other `ToolError` makes the request fail.
   *
   * @default every query may
   */
  admit?: (query: AskedQuery) => Promise<QueryTerms>;
  /** What the engine does wrong. */
  faults?: readonly Fault[];
  /** Called for every request. */
  onRequest?(request: SeenRequest): void;
}

/** A request as the engine saw it. */
export interface SeenRequest {
  /** Its kind. */
  stage: Stage;
  /** Its method. */
  method: string;
  /** Its path and query string. */
  target: string;
  /** Whether it carried a signature. */
  signed: boolean;
  /** It came to the other origin. */
  foreign: boolean;
  /** The range it asked for. */
  range: string | null;
}

/** A running engine. */
export interface Engine {
  /** Its base URL. */
  url: string;
  /** Its base URL for containers, if it listens for them. */
  bridgeUrl?: string;
  /** The requests so far. */
  requests: SeenRequest[];
  /** How often each fault really happened, by what went over the wire: `name@stage` to a count. */
  faultsShown(): Map<string, number>;
  /** Stops it, and the queries that run. */
  close(): Promise<void>;
}

const QueryBody = v.object({
  query: v.string(),
  params: v.optional(v.array(v.any()), []),
  refiner_id: v.optional(v.number()),
  job_id: v.optional(v.string()),
});

/**
 * Starts an engine on loopback.
 *
 * @throws {Deno.errors.AddrInUse} The port is taken.
 */
export function startEngine(options: EngineOptions): Engine {
  const service = new Service(options);
  const main = serveWire({
    port: options.port ?? 0,
    handle: (exchange) => service.handle(exchange, { origin: main.origin, foreign: false }),
  });
  const other = serveWire({
    port: 0,
    handle: (exchange) => service.handle(exchange, { origin: main.origin, foreign: true }),
  });
  const servers = [main, other];
  let bridge: WireServer | undefined;
  if (options.bridge !== undefined) {
    bridge = serveWire({
      hostname: options.bridge,
      port: 0,
      handle: (exchange) =>
        service.handle(exchange, { origin: bridge!.origin, foreign: false, isBridge: true }),
    });
    servers.push(bridge);
  }
  service.open(main, other);
  return {
    url: main.origin,
    bridgeUrl: bridge?.origin,
    requests: service.requests,
    faultsShown: () => service.faultsShown(),
    async close() {
      for (const server of servers) server.close();
      await service.close();
    },
  };
}

/** By which of the engine's servers a request came. */
interface Way {
  /** The origin of the results' URLs that are given there. */
  origin: string;
  /** It came to the other origin. */
  foreign: boolean;
  /** It came from a container. */
  isBridge?: boolean;
}

/** A request that met a fault. */
interface Met {
  name: string;
  stage: Stage;
  exchange: Exchange;
  whole?: number;
}

/** A request that leads somewhere. */
interface Routed {
  exchange: Exchange;
  stage: Stage;
  pathname: string;
  /** The origin of the results' URLs that are given in answer. */
  origin: string;
}

class Service {
  readonly requests: SeenRequest[] = [];
  readonly #options: EngineOptions;
  readonly #queries: Queries;
  readonly #faults: { name: string; stage: Stage; left: number }[];
  readonly #met: Met[] = [];
  #changed = false;
  #main?: WireServer;
  #otherOrigin = "";

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#queries = new Queries(options);
    this.#faults = (options.faults ?? []).map(({ name, stage, times }) => {
      const kind = FAULTS[name];
      if (kind === undefined) throw new TypeError(`There is no fault "${name}"`);
      return { name, stage: stage ?? kind.stages[0]!, left: times ?? kind.times ?? Infinity };
    });
  }

  open(main: WireServer, other: WireServer): void {
    this.#main = main;
    this.#otherOrigin = other.origin;
  }

  close(): Promise<void> {
    return this.#queries.close();
  }

  faultsShown(): Map<string, number> {
    const shown = new Map<string, number>();
    for (const { name, stage, exchange: { request, sent }, whole } of this.#met) {
      const text = new TextDecoder("latin1").decode(sent.start);
      const evidence: Evidence = { request, sent, text, whole };
      if (!FAULTS[name]!.shows(evidence)) continue;
      const key = `${name}@${stage}`;
      shown.set(key, (shown.get(key) ?? 0) + 1);
    }
    return shown;
  }

  async handle(exchange: Exchange, way: Way): Promise<void> {
    const { foreign, isBridge = false } = way;
    const { method, target, headers } = exchange.request;
    const host = headers.get("host");
    const isNamed = this.#options.hosts?.includes(host?.split(":")[0] ?? "") ?? false;
    const origin = isNamed ? `http://${host}` : way.origin;
    if (isBridge ? host !== new URL(origin).host : !isNamed && !isFromHere(host)) {
      return await exchange.respondJson(403, {
        detail: "This engine answers to 127.0.0.1 and localhost only, not to the name in Host",
      });
    }
    const { pathname } = new URL(target, origin);
    const stage: Stage | undefined = pathname === "/query"
      ? "submit"
      : pathname.startsWith("/query/")
      ? "poll"
      : pathname.startsWith("/results/")
      ? "download"
      : undefined;
    if (stage === undefined) return await exchange.respondJson(404, { detail: "Not Found" });
    const seen: SeenRequest = {
      stage,
      method,
      target,
      signed: headers.has("x-query-signature"),
      foreign,
      range: headers.get("range"),
    };
    this.requests.push(seen);
    this.#options.onRequest?.(seen);
    const fault = foreign
      ? undefined
      : this.#faults.find(({ stage: at, left }) => at === stage && left > 0);
    const request = { exchange, stage, pathname, origin };
    if (fault === undefined) return await this.#toolsFor(request).send({});
    fault.left--;
    const met: Met = { name: fault.name, stage, exchange };
    this.#met.push(met);
    await FAULTS[fault.name]!.act(exchange, this.#toolsFor(request, met));
  }

  #toolsFor({ exchange, stage, pathname, origin }: Routed, met?: Met): FaultTools {
    const id = pathname.split("/")[2]?.replace(/\.db$/, "") ?? "";
    const query = this.#queries.get(decodeURIComponent(id));
    const sound = async (): Promise<Answer> => {
      if (stage === "submit") return await this.#submit(exchange);
      if (stage === "poll") return this.#poll(exchange, query, origin);
      return await this.#download(exchange, query);
    };
    return {
      stage,
      origin,
      otherOrigin: this.#otherOrigin,
      send: async (options) => {
        const answer = await sound();
        if (met !== undefined) met.whole = lengthOf(answer);
        if (options.changed) this.#changed = true;
        await transmit(exchange, answer, { ...options, changed: this.#changed });
      },
      say: async (status) => {
        const early = query === undefined ||
          (status.query_status === "success" && !isReady(query));
        const answer = early ? await sound() : json(200, { query_id: query.id, ...status });
        await transmit(exchange, answer, {});
      },
      resultsUrl: () => query === undefined ? "" : resultsUrl(query, origin),
      stopListening: () => this.#main?.close(),
    };
  }

  async #submit(exchange: Exchange): Promise<Answer> {
    const { request } = exchange;
    if (request.method !== "POST") {
      return json(405, { detail: "Method Not Allowed" });
    }
    const body = v.safeParse(QueryBody, parseJson(request.body));
    if (!body.success) {
      return json(422, {
        detail: body.issues.map((issue) => ({
          loc: ["body", ...(v.getDotPath(issue) ?? "").split(".")],
          msg: issue.message,
        })),
      });
    }
    const { query: sql, params, refiner_id: refiner, job_id: job } = body.output;
    const signer = await recoverSigner(sql, request.headers.get("x-query-signature"));
    const { signers } = this.#options;
    if (signer === undefined) {
      return json(401, {
        detail: "X-Query-Signature isn't an EIP-191 signature (0x and 130 hexadecimal digits)",
      });
    }
    if (signers?.every((known) => known.toLowerCase() !== signer.toLowerCase())) {
      return json(401, {
        detail:
          `The query is signed by ${signer}, which may not ask here, or the signature is of ` +
          "another text",
      });
    }
    let terms: QueryTerms | undefined;
    try {
      terms = await this.#options.admit?.({ sql, signer, refiner, job });
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      const status = error instanceof RefusedError ? error.status : 503;
      return json(status, { detail: error.message });
    }
    const { id } = this.#queries.start({ sql, params, signer, ...terms });
    return json(200, { query_id: id, query_status: "pending" });
  }

  #poll(exchange: Exchange, query: Query | undefined, origin: string): Answer {
    if (query === undefined) return json(404, { detail: "Query not found" });
    if (!exchange.request.headers.has("x-query-signature")) {
      return json(401, { detail: "X-Query-Signature is missing" });
    }
    const { id, outcome, readyAt } = query;
    if (outcome !== undefined && outcome.error !== null && performance.now() >= readyAt) {
      return json(200, {
        query_id: id,
        query_status: "failed",
        detail: describeError(query, outcome),
      });
    }
    if (isExpired(query)) return json(200, { query_id: id, query_status: "expired" });
    if (!isReady(query)) return json(200, { query_id: id, query_status: "processing" });
    return json(200, {
      query_id: id,
      query_status: "success",
      query_results: resultsUrl(query, origin),
    });
  }

  async #download(exchange: Exchange, query: Query | undefined): Promise<Answer> {
    if (query === undefined || !isReady(query)) return json(404, { detail: "No such results" });
    const { target } = exchange.request;
    if (new URL(target, this.#otherOrigin).searchParams.get("token") !== query.token) {
      return { status: 403, type: "text/plain", body: new TextEncoder().encode("Wrong token") };
    }
    return {
      status: 200,
      type: "application/vnd.sqlite3",
      body: await Deno.open(query.answer),
      tag: query.id,
    };
  }
}

function resultsUrl({ id, token }: Query, origin: string): string {
  return `${origin}/results/${id}.db?token=${token}`;
}

/** A page in a browser may reach this machine by a name of its own, and would then read the answers. */
function isFromHere(host: string | null): boolean {
  const url = `http://${host}`;
  return host !== null && URL.canParse(url) && isLoopback(new URL(url));
}

function describeError({ sql }: Query, { error, index }: QueryOutcome): string | null {
  if (index === undefined) return error;
  const { line, column } = placeIn(sql, index);
  return `${error} (line ${line}, column ${column})`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
