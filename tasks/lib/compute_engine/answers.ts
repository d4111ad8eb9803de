/**
 * What a Compute Engine says of a job, read leniently: the engines that run aren't public, and their
 * clients disagree.
 *
 * @module
 */

import * as v from "valibot";
import { ArtifactsError, EngineUnreachableError } from "./errors.ts";
import type { JobText } from "./job_text.ts";

/** So many artifacts a job may have. */
const MOST_ARTIFACTS = 10_000;
const LONGEST_STATUS = 40;

/** An artifact of a job, as the engine describes it. Nothing of it is checked yet. */
export interface RemoteArtifact {
  /** Its name. */
  name: string;
  /** Where it is: a URL, or an id of the engine's. */
  place: { url: string } | { id: string };
  /** Its length in bytes, where the engine says. */
  size?: number;
}

/** How far a run is. `absent`: the engine has no run of the job. */
export type RunState = "absent" | "going" | "succeeded" | "failed";

/** What an engine says of a job's newest run. */
export interface RunReport {
  /** How far it is. */
  state: RunState;
  /** The status in the engine's own word, in lower case and safe to show. */
  status: string;
  /** Why it failed, in the engine's words, behind a colon; empty if it doesn't say. */
  reason: string;
  /** What it wrote. */
  artifacts: readonly RemoteArtifact[];
}

/** The engine knows the job and has no run of it. */
const ABSENT: readonly string[] = ["not_found", "no_runs"];
/** What a run ends with that has artifacts: clients have seen both. */
const SUCCEEDED: readonly string[] = ["success", "succeeded", "completed"];
/** What a run ends with that failed; all else is still going. */
const FAILED: readonly string[] = ["failed", "failure", "error", "query_failed", "rejected"]
  .concat(["canceled", "cancelled", "aborted", "expired", "timeout", "timed_out"]);

const Text = v.nullish(v.union([v.string(), v.pipe(v.number(), v.transform(String))]));

const Report = v.object({ status: v.string(), artifacts: v.nullish(v.array(v.unknown()), []) });

const Artifact = v.object({
  id: Text,
  artifact_id: Text,
  name: v.nullish(v.string()),
  file_name: v.nullish(v.string()),
  file_extension: v.nullish(v.string()),
  url: v.nullish(v.string()),
  size_bytes: v.nullish(v.number()),
});

/**
 * Reads what an engine says of a job.
 *
 * @throws {EngineUnreachableError} It isn't what a Compute Engine says.
 * @throws {ArtifactsError} It describes artifacts that can't be downloaded.
 */
export function readReport(answer: unknown, text: JobText): RunReport {
  const parsed = v.safeParse(Report, answer);
  if (!parsed.success) {
    throw new EngineUnreachableError(
      `The Compute Engine's answer has no status${text.detail(answer)}; expected that of a job`,
    );
  }
  const { status: said, artifacts } = parsed.output;
  const status = text.show(said.toLowerCase(), "", LONGEST_STATUS);
  const state = stateOf(said.trim().toLowerCase());
  if (state !== "succeeded") {
    return { state, status, reason: text.detail(answer), artifacts: [] };
  }
  if (artifacts.length > MOST_ARTIFACTS) {
    throw new ArtifactsError(
      `The job has ${artifacts.length} artifacts; at most ${MOST_ARTIFACTS} are downloaded`,
    );
  }
  return { state, status, reason: "", artifacts: artifacts.map(readArtifact) };
}

function stateOf(status: string): RunState {
  if (ABSENT.includes(status)) return "absent";
  if (SUCCEEDED.includes(status)) return "succeeded";
  return FAILED.includes(status) ? "failed" : "going";
}

function readArtifact(described: unknown): RemoteArtifact {
  const parsed = v.safeParse(Artifact, described);
  const { name, id, url, size } = parsed.success ? placeOf(parsed.output) : {};
  if (name === undefined || (url === undefined && id === undefined)) {
    throw new ArtifactsError(
      "The Compute Engine lists an artifact without a name, or with neither a URL nor an id; nothing " +
        "was downloaded",
    );
  }
  return { name, place: url === undefined ? { id: id! } : { url }, size };
}

function placeOf(said: v.InferOutput<typeof Artifact>) {
  const extension = (said.file_extension ?? "").replace(/^\.?/, ".");
  const file = said.file_name ?? undefined;
  const whole = file === undefined || extension === "." || file.endsWith(extension)
    ? file
    : file + extension;
  const size = said.size_bytes ?? undefined;
  return {
    name: said.name ?? whole,
    id: said.id ?? said.artifact_id ?? undefined,
    url: said.url ?? undefined,
    size: size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined,
  };
}
