/**
 * The client of a Compute Engine: hands a job in, and asks how it is. The API is known from Vana's demo
 * (`vana-com/data-access-demo`) and its job for machine learning (`vana-com/vana-compute-job-service-ml`).
 *
 * @module
 */

import { exactParams } from "../../../src/query_engine/exact_json.ts";
import { readReport, type RemoteArtifact, type RunReport } from "./answers.ts";
import { ArtifactsError, EngineRefusalError, EngineUnreachableError } from "./errors.ts";
import { type EngineAccess, exchange } from "./exchange.ts";

/** The engine downloads the instruction's archive before it answers: 40 s were seen. */
const POST_TIMEOUT_MS = 300_000;
const GET_TIMEOUT_MS = 30_000;

/** What a job's query is, as the engine gets it. */
export interface JobInput {
  /** The SQL. */
  query: string;
  /** The job owner's signature of exactly that text. */
  signature: string;
  /** The values of its placeholders: a JSON array, whose numbers are sent just as they are there. */
  params: string;
  /** The refiner that is queried. */
  refiner: bigint;
}

/** A job in a Compute Engine. */
export interface RemoteJob {
  /** The engine. */
  access: EngineAccess;
  /** The job's id. */
  id: bigint;
}

/**
 * Hands a job in. Whether the engine has it after an error that isn't a refusal is unknown, unless the
 * error says that the engine hasn't got the request.
 *
 * @throws {EngineRefusalError} The engine refuses it, for one of the reasons that `submit` checks.
 * @throws {EngineUnreachableError} There is no answer.
 */
export async function postJob({ access, id }: RemoteJob, input: JobInput): Promise<void> {
  const { query, signature, params, refiner } = input;
  await exchange(access, {
    path: `job/${id}`,
    body: {
      // An id beyond 2^53 would be rounded; no contract counts that far.
      input: {
        query,
        query_signature: signature,
        params: exactParams(params),
        refiner_id: Number(refiner),
      },
    },
    timeoutMs: POST_TIMEOUT_MS,
  });
}

/**
 * Asks how a job is.
 *
 * @throws {EngineRefusalError} The engine refuses to say.
 * @throws {EngineUnreachableError} There is no answer.
 * @throws {ArtifactsError} The job succeeded, and what it wrote isn't described.
 */
export async function askJob({ access, id }: RemoteJob): Promise<RunReport> {
  const { text } = access;
  try {
    const answer = await exchange(access, { path: `job/${id}`, timeoutMs: GET_TIMEOUT_MS });
    return readReport(answer, text);
  } catch (error) {
    // Of a job that it has no run of, the engine says that it isn't there.
    if (error instanceof EngineRefusalError && error.status === 404) {
      return { state: "absent", status: "absent", reason: text.show(error.message), artifacts: [] };
    }
    // A run that failed may show as the engine's own failure.
    const [, reason] = /answered 500: (Job failed.*)/s.exec(messageOf(error)) ?? [];
    if (reason === undefined) throw error;
    return { state: "failed", status: "failed", reason: `: ${reason}`, artifacts: [] };
  }
}

function messageOf(error: unknown): string {
  return error instanceof EngineUnreachableError ? error.message : "";
}

/**
 * Where an artifact is.
 *
 * @throws {ArtifactsError} Its URL isn't one.
 */
export function locate({ access: { base }, id }: RemoteJob, { name, place }: RemoteArtifact): URL {
  if ("id" in place) {
    // As a path's part, `..` would be resolved.
    const part = /^\.*$/.test(place.id) ? "" : encodeURIComponent(place.id.toWellFormed());
    if (part !== "") return new URL(`job/${id}/artifacts/${part}`, base);
  } else if (URL.canParse(place.url, base)) {
    const url = new URL(place.url, base);
    if (["http:", "https:"].includes(url.protocol)) return url;
  }
  throw new ArtifactsError(
    `The artifact ${
      JSON.stringify(name)
    } has neither an http URL nor an id; it can't be downloaded`,
  );
}
