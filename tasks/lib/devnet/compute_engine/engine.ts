/**
 * A Compute Engine on loopback: the HTTP API of the network's, over jobs that the chain has.
 *
 * @module
 */

import type { Address } from "viem";
import { pause } from "../../../../src/pause.ts";
import { admitJob, admitOwner, type Gate } from "./admission.ts";
import { ApiError, invalid } from "./api_error.ts";
import { serveArtifact } from "./artifact_answer.ts";
import { describeRun, type Describing } from "./descriptions.ts";
import type { EngineFault } from "./faults.ts";
import { streamLog } from "./log_stream.ts";
import { readInput } from "./posted.ts";
import { type Run, type RunJob, Runs } from "./runs.ts";
import { withFaults } from "./run_faults.ts";

/** How long `slow-post` takes. */
const SLOW_POST_MS = 40_000;
/** How long `shows-late` hides a run. */
const SHOWS_LATE_MS = 3000;
/** What a DELETE can't cancel any more. */
const ENDED: readonly string[] = ["success", "failed", "query_failed", "canceled"];

/** Options of {@linkcode startComputeEngine}. */
export interface ComputeEngineOptions extends Pick<Gate, "ledger" | "checkImage"> {
  /** The TEE's account. */
  tee: Address;
  /** Runs a job. */
  run: RunJob;
  /** An empty folder of the engine's own, for what runs write. */
  folder: string;
  /**
   * The port on 127.0.0.1; 0 picks a free one.
   *
   * @default 0
   */
  port?: number;
  /**
   * The URL that the chain must have for the TEE.
   *
   * @default where it listens
   */
  publicUrl?: string;
  /**
   * So many jobs run at a time.
   *
   * @default 2
   */
  atATime?: number;
  /**
   * Seconds after a run's start after which its artifacts are expired.
   *
   * @default a day
   */
  artifactSeconds?: number;
  /**
   * What it does wrong on purpose.
   *
   * @default nothing
   */
  faults?: readonly EngineFault[];
  /**
   * How long `slow-post` takes, in milliseconds.
   *
   * @default 40000
   */
  slowPostMs?: number;
  /** Gets each request that was answered. */
  onRequest?(request: SeenRequest): void;
}

/** A request that an engine has answered. */
export interface SeenRequest {
  /** The method. */
  method: string;
  /** The path. */
  path: string;
  /** The status of the answer. */
  status: number;
  /** Whether the job owner's signature came with it. */
  signed: boolean;
  /** Whether it came to the other origin. */
  foreign: boolean;
}

/** A running Compute Engine. */
export interface ComputeEngine {
  /** Its URL, without a slash at its end, as the chain should have it. */
  url: string;
  /** Stops it, and all that it runs. */
  close(): Promise<void>;
}

/** Starts a Compute Engine. */
export function startComputeEngine(options: ComputeEngineOptions): ComputeEngine {
  return new Engine(options);
}

const DAY_SECONDS = 86_400;

class Engine implements ComputeEngine {
  readonly url: string;
  readonly #options: ComputeEngineOptions;
  readonly #faults: ReadonlySet<EngineFault>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #foreign: Deno.HttpServer<Deno.NetAddr>;
  readonly #runs: Runs;
  readonly #gate: Gate;
  readonly #describing: Describing;
  /** How often each once-only fault has met its request. */
  readonly #met = new Map<string, number>();

  constructor(options: ComputeEngineOptions) {
    this.#options = options;
    const { tee, ledger, checkImage, run, folder, faults = [], port = 0, atATime = 2 } = options;
    this.#faults = new Set(faults);
    const listen = (port: number, foreign: boolean) =>
      Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, (request) => {
        return this.#answer(request, foreign);
      });
    this.#server = listen(port, false);
    this.#foreign = listen(0, true);
    this.url = options.publicUrl ?? `http://127.0.0.1:${this.#server.addr.port}`;
    this.#gate = { ledger, tee, url: this.url, checkImage };
    const foreignUrl = `http://127.0.0.1:${this.#foreign.addr.port}`;
    this.#describing = { faults: this.#faults, url: this.url, foreignUrl, tee };
    this.#runs = new Runs({
      run: withFaults(run, this.#faults),
      folder,
      atATime,
      report: (id, status, message) => ledger.setStatus(id, status, message),
    });
  }

  async close(): Promise<void> {
    await this.#runs.close();
    await Promise.all([this.#server.shutdown(), this.#foreign.shutdown()]);
  }

  async #answer(request: Request, foreign: boolean): Promise<Response> {
    const { pathname: path, hostname } = new URL(request.url);
    let response: Response;
    try {
      // A page in a browser may reach it by a name of its own that leads here.
      if (!["127.0.0.1", "localhost"].includes(hostname)) throw new ApiError(421, "Unknown host");
      response = foreign ? await this.#foreignFile(request) : await this.#route(request);
    } catch (error) {
      if (error instanceof ApiError) {
        response = Response.json({ detail: error.detail }, { status: error.status });
      } else response = Response.json({ detail: "Internal Server Error" }, { status: 500 });
    }
    const signed = request.headers.has("x-job-id-signature");
    const { status } = response;
    this.#options.onRequest?.({ method: request.method, path, status, signed, foreign });
    return response;
  }

  async #route(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/job/stats/concurrency") return Response.json(this.#runs.counts);
    const [, job, part, rest] = /^\/job\/([^/]+)(?:\/([a-z]+)(?:\/([^/]+))?)?$/.exec(pathname) ??
      [];
    if (job === undefined) throw new ApiError(404, "Not Found");
    if (!/^\d{1,18}$/.test(job)) {
      throw invalid(["path", "job_id"], "Input should be a valid integer", "int_parsing");
    }
    const id = BigInt(job);
    if (part === "artifacts" && rest !== undefined) return await this.#artifact(request, id, rest);
    if (part === "logs" && rest === undefined) return await this.#log(request, id);
    if (part !== undefined) throw new ApiError(404, "Not Found");
    switch (request.method) {
      case "POST":
        return await this.#post(request, id);
      case "GET":
        return await this.#get(request, id);
      case "DELETE":
        return await this.#cancel(request, id);
      default:
        throw new ApiError(405, "Method Not Allowed");
    }
  }

  async #post(request: Request, id: bigint): Promise<Response> {
    if (this.#meets("post-refused") === 1) throw new ApiError(503, "Try again later");
    const input = await readInput(request);
    const signature = signatureOf(request);
    const job = await admitJob(this.#gate, { id, signature }, input.refiner);
    if (this.#meets("slow-post") > 0) await pause(this.#options.slowPostMs ?? SLOW_POST_MS);
    const run = this.#runs.add(id, job, input);
    const answer = {
      job_id: Number(id),
      run_id: run.id,
      status: "pending",
      created_at: run.created.toISOString(),
    };
    return this.#meets("post-lost") === 1 ? broken() : Response.json(answer);
  }

  async #get(request: Request, id: bigint): Promise<Response> {
    if (this.#meets("busy") % 2 === 1) throw new ApiError(503, "Try again later");
    const signature = signatureOf(request);
    const refusal = "Only the job owner can view the results";
    const { canceled } = await admitOwner(this.#gate, { id, signature }, refusal);
    const wanted = new URL(request.url).searchParams.get("run_id");
    const run = this.#runs.find(id, wanted);
    if (run === undefined || this.#hides(run)) {
      throw new ApiError(404, wanted === null ? "No job runs found" : "Job  run not found");
    }
    if (canceled && !ENDED.includes(run.status)) {
      run.cancel();
      await run.ended;
    }
    if (run.status === "failed" && this.#faults.has("run-500")) {
      throw new ApiError(500, `Job failed: ${run.error}`);
    }
    return Response.json(describeRun(id, run, this.#describing));
  }

  async #cancel(request: Request, id: bigint): Promise<Response> {
    const refusal = "Only the job owner can view the results";
    await admitOwner(this.#gate, { id, signature: signatureOf(request) }, refusal);
    const run = this.#runs.find(id, new URL(request.url).searchParams.get("run_id"));
    if (run === undefined) throw new ApiError(404, "Job  run not found");
    if (ENDED.includes(run.status)) {
      throw new ApiError(409, `Job cannot be cancelled: status is ${run.status}`);
    }
    run.cancel();
    const answer = { status: "cancellation_requested", job_id: Number(id), run_id: run.id };
    return Response.json(answer, { status: 202 });
  }

  async #log(request: Request, id: bigint): Promise<Response> {
    const refusal = "Only the job owner can view the results";
    await admitOwner(this.#gate, { id, signature: signatureOf(request) }, refusal);
    const run = this.#runs.find(id);
    if (run === undefined) throw new ApiError(404, "No job runs found");
    return streamLog(run);
  }

  async #artifact(request: Request, id: bigint, artifact: string): Promise<Response> {
    const refusal = "Only the job owner can download job artifacts";
    await admitOwner(this.#gate, { id, signature: signatureOf(request) }, refusal);
    return await this.#file(request, id, artifact);
  }

  /** The other origin is a store with URLs that need no signature. */
  async #foreignFile(request: Request): Promise<Response> {
    const [, id, artifact] = /^\/(\d+)\/([^/]+)$/.exec(new URL(request.url).pathname) ?? [];
    if (id === undefined || artifact === undefined) throw new ApiError(404, "Not Found");
    return await this.#file(request, BigInt(id), artifact);
  }

  async #file(request: Request, id: bigint, wanted: string): Promise<Response> {
    const run = this.#runs.find(id);
    const artifact = run?.artifacts.find((one) => one.id === decodeURIComponent(wanted));
    if (run === undefined || artifact === undefined || this.#faults.has("no-artifacts")) {
      throw new ApiError(404, "Artifact not found");
    }
    const { artifactSeconds = DAY_SECONDS } = this.#options;
    const age = (Date.now() - run.created.getTime()) / 1000;
    if (age > artifactSeconds || this.#faults.has("expired")) {
      throw new ApiError(403, "Artifact is expired");
    }
    const cutFirst = this.#meets("cut", `${id}/${artifact.id}`) === 1;
    const cutAt = this.#faults.has("cut-always") ? 0 : cutFirst ? 0.5 : undefined;
    return await serveArtifact(request, artifact, { cutAt });
  }

  /** Whether a fault keeps a run from being shown. */
  #hides({ created }: Run): boolean {
    const isNew = Date.now() - created.getTime() < SHOWS_LATE_MS;
    return this.#faults.has("forgets") || (isNew && this.#faults.has("shows-late"));
  }

  /** Counts the requests that a fault could meet, from 1; 0 if the engine doesn't have the fault. */
  #meets(fault: EngineFault, place = ""): number {
    if (!this.#faults.has(fault)) return 0;
    const times = (this.#met.get(fault + place) ?? 0) + 1;
    this.#met.set(fault + place, times);
    return times;
  }
}

function signatureOf({ headers }: Request): string | null {
  return headers.get("x-job-id-signature");
}

/** An answer that breaks before its end. */
function broken(): Response {
  const body = ReadableStream.from((async function* () {
    yield new TextEncoder().encode("{");
    await pause(0);
    throw new Error("broken on purpose");
  })());
  return new Response(body, { headers: { "content-length": "100" } });
}
