/**
 * A Query Engine on this machine: the protocol of the network's own, over real SQL.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as v from "valibot";
import { killChild } from "../command.ts";
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

/** What a sound engine says to one request. */
interface Answer {
  status: number;
  type: string;
  body: Uint8Array | Deno.FsFile;
  /** Identifies the file; such an answer offers ranges. */
  tag?: string;
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
  #main?: WireServer;
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
    this.#main = main;
    this.#origin = main.origin;
    this.#otherOrigin = other.origin;
  }

  async close(): Promise<void> {
    for (const runner of this.#runners) killChild(runner, "SIGKILL");
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
    if (fault === undefined) return await tools.send({});
    fault.left--;
    await FAULTS[fault.name]!.act(exchange, tools);
  }

  #toolsFor(exchange: Exchange, stage: Stage, pathname: string): FaultTools {
    const id = pathname.split("/")[2]?.replace(/\.db$/, "") ?? "";
    const query = this.#queries.get(decodeURIComponent(id));
    const sound = async (): Promise<Answer> => {
      if (stage === "submit") return await this.#submit(exchange);
      if (stage === "poll") return this.#poll(exchange, query);
      return await this.#download(exchange, query);
    };
    return {
      stage,
      origin: this.#origin,
      otherOrigin: this.#otherOrigin,
      send: async (options) => await this.#transmit(exchange, await sound(), options),
      say: async (status) => {
        const early = query === undefined ||
          (status.query_status === "success" && !this.#isReady(query));
        const answer = early ? await sound() : json(200, { query_id: query.id, ...status });
        await this.#transmit(exchange, answer, {});
      },
      resultsUrl: () => query === undefined ? "" : this.#resultsUrl(query),
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
    const { query: sql, params } = body.output;
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
    return json(200, { query_id: id, query_status: "pending" });
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
      killChild(runner, "SIGKILL");
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

  #poll(exchange: Exchange, query: Query | undefined): Answer {
    if (query === undefined) return json(404, { detail: "Query not found" });
    if (!exchange.request.headers.has("x-query-signature")) {
      return json(401, { detail: "X-Query-Signature is missing" });
    }
    const { id, outcome } = query;
    if (outcome !== undefined && outcome.error !== null && performance.now() >= query.readyAt) {
      return json(200, {
        query_id: id,
        query_status: "failed",
        detail: outcome.error,
      });
    }
    if (!this.#isReady(query)) {
      return json(200, { query_id: id, query_status: "processing" });
    }
    return json(200, {
      query_id: id,
      query_status: "success",
      query_results: this.#resultsUrl(query),
    });
  }

  #resultsUrl({ id, token }: Query): string {
    return `${this.#origin}/results/${id}.db?token=${token}`;
  }

  async #download(exchange: Exchange, query: Query | undefined): Promise<Answer> {
    if (query === undefined || !this.#isReady(query)) {
      return json(404, { detail: "No such results" });
    }
    const { target } = exchange.request;
    if (new URL(target, this.#origin).searchParams.get("token") !== query.token) {
      return { status: 403, type: "text/plain", body: new TextEncoder().encode("Wrong token") };
    }
    return {
      status: 200,
      type: "application/vnd.sqlite3",
      body: await Deno.open(query.answer),
      tag: query.id,
    };
  }

  /** Sends an answer as a sound server would, but for what the options say. */
  async #transmit(exchange: Exchange, answer: Answer, options: SendOptions): Promise<void> {
    using source = openSource(answer.body);
    const { headers, method } = exchange.request;
    if (options.changed) this.#changed = true;
    const length = Math.floor(source.size * (options.share ?? 1));
    const fields: Record<string, string> = { "content-type": answer.type };
    let first = 0;
    if (answer.tag !== undefined) {
      const etag = `"${answer.tag}${this.#changed ? "-changed" : ""}"`;
      const range = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "");
      const sameFile = (headers.get("if-range") ?? etag) === etag;
      if (range !== null && sameFile && !options.noRanges) first = Number(range[1]);
      fields["etag"] = etag;
      fields["accept-ranges"] = options.noRanges ? "none" : "bytes";
    }
    if (first > 0 && first >= length) {
      return await exchange.respond(416, { "content-range": `bytes */${length}` });
    }
    const off = options.rangeOff ?? 0;
    if (first > 0) {
      fields["content-range"] = `bytes ${first + off}-${length - 1 + off}/${length}`;
    }
    const status = first > 0 ? 206 : answer.status;
    if (options.gzip) {
      const packed = gzipSync(source.read(0, length));
      return await exchange.respond(status, { ...fields, "content-encoding": "gzip" }, packed);
    }
    const count = length - first;
    if (options.chunked) fields["transfer-encoding"] = "chunked";
    else fields["content-length"] = String(count + (options.lengthOff ?? 0));
    await exchange.head(status, fields, options.headPauseMs);
    if (method === "HEAD") return;
    const end = first + Math.min(options.cutAt?.(count) ?? count, count);
    for (let at = first; at < end && !exchange.closed;) {
      const piece = source.read(at, Math.min(end, at + PIECE_BYTES));
      // Another version of the file differs in its user version, bytes 60 to 63.
      if (this.#changed && answer.tag !== undefined && at <= 63 && at + piece.length > 63) {
        piece[63 - at] = 7;
      }
      at += piece.length;
      if (options.pauseMs !== undefined) {
        await new Promise((done) => setTimeout(done, options.pauseMs));
      }
      if (options.chunked) await exchange.write(`${piece.length.toString(16)}\r\n`);
      await exchange.write(piece);
      if (options.chunked) await exchange.write("\r\n");
    }
    if (options.extra !== undefined) await exchange.write(options.extra);
    if (options.cutAt !== undefined && options.stall) return await new Promise(() => {});
    if (options.cutAt !== undefined || options.lengthOff !== undefined) return exchange.close();
    if (options.chunked) await exchange.write("0\r\n\r\n");
  }
}

/** An answer's bytes, wherever they are. */
interface Source extends Disposable {
  size: number;
  /** The bytes from `from` to before `to`. */
  read(from: number, to: number): Uint8Array;
}

function openSource(body: Answer["body"]): Source {
  if (body instanceof Uint8Array) {
    return {
      size: body.length,
      read: (from, to) => body.slice(from, to),
      [Symbol.dispose]() {},
    };
  }
  return {
    size: body.statSync().size,
    read(from, to) {
      const bytes = new Uint8Array(to - from);
      body.seekSync(from, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += body.readSync(bytes.subarray(at)) ?? Infinity;
      return bytes;
    },
    [Symbol.dispose]: () => body.close(),
  };
}

function json(status: number, value: unknown): Answer {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status, type: "application/json", body };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
