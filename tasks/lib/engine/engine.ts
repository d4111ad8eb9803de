/**
 * A Query Engine on this machine: the protocol of the network's own, over real SQL.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { DENO_PROJECT_ARGS } from "../project.ts";
import { FAULTS, type FaultTools, type SendOptions, type Stage } from "./faults.ts";
import { recoverSigner } from "./signature.ts";
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
export interface EngineOptions {
  /** The SQLite file that queries run on. */
  database: string;
  /** A folder for the answers. */
  folder: string;
  /**
   * The port on 127.0.0.1; 0 picks one.
   *
   * @default 0
   */
  port?: number;
  /**
   * The accounts that may ask.
   *
   * @default Everyone who signs
   */
  signers?: readonly string[];
  /**
   * Seconds a query stays pending at least.
   *
   * @default 0
   */
  delaySeconds?: number;
  /**
   * Seconds a query may run.
   *
   * @default 60
   */
  queryTimeoutSeconds?: number;
  /** What the engine does wrong. */
  faults?: readonly Fault[];
  /** Told of every request. */
  onRequest?(request: SeenRequest): void;
}

/** A request as the engine saw it. */
export interface SeenRequest {
  stage: Stage;
  method: string;
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
  /** The requests so far. */
  requests: SeenRequest[];
  /** Stops it, and the queries that run. */
  close(): Promise<void>;
}

interface Query {
  id: string;
  /** When it may succeed. */
  readyAt: number;
  outcome?: { error: string | null };
  answer: string;
  /** The results URL works with this only, as a pre-signed one does. */
  token: string;
}

const QueryBody = v.object({
  query: v.string(),
  params: v.optional(v.array(v.any()), []),
  refiner_id: v.optional(v.number()),
  job_id: v.optional(v.string()),
});

const PIECE_BYTES = 256 * 1024;
const RUNNER = fileURLToPath(new URL("./query_runner.ts", import.meta.url));

/**
 * Starts an engine on loopback.
 *
 * @throws {Deno.errors.AddrInUse} The port is taken.
 */
export function startEngine(options: EngineOptions): Engine {
  const service = new Service(options);
  const main = serveWire({
    port: options.port ?? 0,
    handle: (exchange) => service.handle(exchange, false),
  });
  const other = serveWire({ port: 0, handle: (exchange) => service.handle(exchange, true) });
  service.open(main, other);
  return {
    url: main.origin,
    requests: service.requests,
    async close() {
      main.close();
      other.close();
      await service.close();
    },
  };
}

class Service {
  readonly requests: SeenRequest[] = [];
  readonly #options: EngineOptions;
  readonly #queries = new Map<string, Query>();
  readonly #runners = new Set<Deno.ChildProcess>();
  readonly #running = new Set<Promise<void>>();
  readonly #faults: { name: string; stage: Stage; left: number }[];
  #changed = false;
  #origin = "";
  #otherOrigin = "";

  constructor(options: EngineOptions) {
    this.#options = options;
    this.#faults = (options.faults ?? []).map(({ name, stage, times }) => {
      const kind = FAULTS[name];
      if (kind === undefined) throw new TypeError(`There is no fault "${name}"`);
      return { name, stage: stage ?? kind.stages[0]!, left: times ?? kind.times ?? Infinity };
    });
  }

  open(main: WireServer, other: WireServer): void {
    this.#origin = main.origin;
    this.#otherOrigin = other.origin;
  }

  async close(): Promise<void> {
    for (const runner of this.#runners) kill(runner);
    await Promise.all(this.#running);
  }

  async handle(exchange: Exchange, foreign: boolean): Promise<void> {
    const { method, target, headers } = exchange.request;
    const { pathname } = new URL(target, this.#origin);
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
    const tools = this.#toolsFor(exchange, stage, pathname);
    const fault = foreign
      ? undefined
      : this.#faults.find(({ stage: at, left }) => at === stage && left > 0);
    if (fault === undefined) return await tools.answer();
    fault.left--;
    await FAULTS[fault.name]!.act(exchange, tools);
  }

  #toolsFor(exchange: Exchange, stage: Stage, pathname: string): FaultTools {
    const id = pathname.split("/")[2]?.replace(/\.db$/, "") ?? "";
    const query = this.#queries.get(decodeURIComponent(id));
    return {
      stage,
      origin: this.#origin,
      otherOrigin: this.#otherOrigin,
      answer: () => {
        if (stage === "submit") return this.#submit(exchange);
        if (stage === "poll") return this.#poll(exchange, query);
        return this.#send(exchange, query, {});
      },
      send: (options) => this.#send(exchange, query, options),
      say: async (status) => {
        if (query === undefined || (status.query_status === "success" && !this.#isReady(query))) {
          return await this.#poll(exchange, query);
        }
        await exchange.respondJson(200, { query_id: query.id, ...status });
      },
      resultsUrl: () => query === undefined ? "" : this.#resultsUrl(query),
    };
  }

  async #submit(exchange: Exchange): Promise<void> {
    const { request } = exchange;
    if (request.method !== "POST") {
      return await exchange.respondJson(405, { detail: "Method Not Allowed" });
    }
    const body = v.safeParse(QueryBody, parseJson(request.body));
    if (!body.success) {
      return await exchange.respondJson(422, {
        detail: body.issues.map((issue) => ({
          loc: ["body", ...(v.getDotPath(issue) ?? "").split(".")],
          msg: issue.message,
        })),
      });
    }
    const { query: sql, params } = body.output;
    const signer = await recoverSigner(sql, request.headers.get("x-query-signature"));
    const { signers } = this.#options;
    if (signer === undefined) {
      return await exchange.respondJson(401, {
        detail: "X-Query-Signature isn't an EIP-191 signature (0x and 130 hexadecimal digits)",
      });
    }
    if (signers?.every((known) => known.toLowerCase() !== signer.toLowerCase())) {
      return await exchange.respondJson(401, {
        detail:
          `The query is signed by ${signer}, which may not ask here, or the signature is of ` +
          "another text",
      });
    }
    const id = crypto.randomUUID();
    const query: Query = {
      id,
      readyAt: performance.now() + (this.#options.delaySeconds ?? 0) * 1000,
      answer: join(this.#options.folder, `${id}.db`),
      token: crypto.randomUUID(),
    };
    this.#queries.set(id, query);
    const running = this.#run(query, sql, params).finally(() => this.#running.delete(running));
    this.#running.add(running);
    await exchange.respondJson(200, { query_id: id, query_status: "pending" });
  }

  async #run(query: Query, sql: string, params: unknown[]): Promise<void> {
    const { database, folder, queryTimeoutSeconds = 60 } = this.#options;
    const runner = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-q",
        "--no-prompt",
        `--allow-read=${database},${folder}`,
        `--allow-write=${folder}`,
        ...DENO_PROJECT_ARGS,
        RUNNER,
      ],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#runners.add(runner);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      kill(runner);
    }, queryTimeoutSeconds * 1000);
    const order = { database, answer: query.answer, sql, params };
    try {
      const [output] = await Promise.all([
        runner.output(),
        new Blob([JSON.stringify(order)]).stream().pipeTo(runner.stdin),
      ]);
      query.outcome = JSON.parse(new TextDecoder().decode(output.stdout));
    } catch {
      query.outcome = {
        error: late
          ? `The query was stopped after ${queryTimeoutSeconds} s`
          : "The query's process ended before its answer",
      };
    } finally {
      clearTimeout(timer);
      this.#runners.delete(runner);
    }
  }

  #isReady(query: Query): boolean {
    return query.outcome?.error === null && performance.now() >= query.readyAt;
  }

  async #poll(exchange: Exchange, query: Query | undefined): Promise<void> {
    if (query === undefined) return await exchange.respondJson(404, { detail: "Query not found" });
    if (!exchange.request.headers.has("x-query-signature")) {
      return await exchange.respondJson(401, { detail: "X-Query-Signature is missing" });
    }
    const { id, outcome } = query;
    if (outcome !== undefined && outcome.error !== null && performance.now() >= query.readyAt) {
      return await exchange.respondJson(200, {
        query_id: id,
        query_status: "failed",
        detail: outcome.error,
      });
    }
    if (!this.#isReady(query)) {
      return await exchange.respondJson(200, { query_id: id, query_status: "processing" });
    }
    await exchange.respondJson(200, {
      query_id: id,
      query_status: "success",
      query_results: this.#resultsUrl(query),
    });
  }

  #resultsUrl({ id, token }: Query): string {
    return `${this.#origin}/results/${id}.db?token=${token}`;
  }

  /** Sends an answer's file as a sound server would, but for what the options say. */
  async #send(
    exchange: Exchange,
    query: Query | undefined,
    options: SendOptions,
  ): Promise<void> {
    const { headers, target } = exchange.request;
    if (query === undefined || !this.#isReady(query)) {
      return await exchange.respondJson(404, { detail: "No such results" });
    }
    if (new URL(target, this.#origin).searchParams.get("token") !== query.token) {
      return await exchange.respond(403, { "content-type": "text/plain" }, "Wrong token");
    }
    if (options.changed && !this.#changed) {
      // Offset 60 is the user version: other bytes, and still a database.
      using file = await Deno.open(query.answer, { read: true, write: true });
      await file.seek(60, Deno.SeekMode.Start);
      await file.write(new Uint8Array([0, 0, 0, 7]));
      this.#changed = true;
    }
    const etag = `"${query.id}${this.#changed ? "-changed" : ""}"`;
    const { size } = await Deno.stat(query.answer);
    const length = Math.floor(size * (options.share ?? 1));
    const range = /^bytes=(\d+)-(\d*)$/.exec(headers.get("range") ?? "");
    const sameFile = (headers.get("if-range") ?? etag) === etag;
    const first = range !== null && sameFile && !options.noRanges ? Number(range[1]) : 0;
    const last = first > 0 && range?.[2] ? Math.min(Number(range[2]), length - 1) : length - 1;
    if (first >= length && length > 0) {
      return await exchange.respond(416, { "content-range": `bytes */${length}` });
    }
    const off = options.rangeOff ?? 0;
    const body: Record<string, string> = {
      "content-type": "application/vnd.sqlite3",
      "etag": etag,
      "accept-ranges": options.noRanges ? "none" : "bytes",
      ...(first > 0 ? { "content-range": `bytes ${first + off}-${last + off}/${length}` } : {}),
    };
    const status = first > 0 ? 206 : 200;
    if (options.gzip) {
      const plain = await Deno.readFile(query.answer);
      return await exchange.respond(
        status,
        { ...body, "content-encoding": "gzip" },
        gzipSync(plain),
      );
    }
    const count = last - first + 1;
    await exchange.head(status, {
      ...body,
      ...(options.chunked
        ? { "transfer-encoding": "chunked" }
        : { "content-length": String(count + (options.lengthOff ?? 0)) }),
    });
    if (exchange.request.method === "HEAD") return;
    const sent = Math.min(options.cutAt?.(count) ?? count, count);
    await sendBytes(exchange, query.answer, first, sent, options);
    if (options.cutAt !== undefined && options.stall) return await new Promise(() => {});
    if (options.cutAt !== undefined || options.lengthOff !== undefined) return exchange.close();
    if (options.chunked) await exchange.write("0\r\n\r\n");
  }
}

async function sendBytes(
  exchange: Exchange,
  path: string,
  first: number,
  count: number,
  { chunked, pauseMs }: SendOptions,
): Promise<void> {
  using file = await Deno.open(path);
  await file.seek(first, Deno.SeekMode.Start);
  const buffer = new Uint8Array(PIECE_BYTES);
  for (let left = count; left > 0 && !exchange.closed;) {
    const read = await file.read(buffer.subarray(0, Math.min(left, PIECE_BYTES)));
    if (read === null) return;
    left -= read;
    if (pauseMs !== undefined) await new Promise((done) => setTimeout(done, pauseMs));
    if (chunked) await exchange.write(`${read.toString(16)}\r\n`);
    await exchange.write(buffer.subarray(0, read));
    if (chunked) await exchange.write("\r\n");
  }
}

function kill(runner: Deno.ChildProcess): void {
  try {
    runner.kill("SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
