/**
 * What a Compute Engine says of its runs.
 *
 * @module
 */

import type { EngineFault } from "./faults.ts";
import type { Run, StoredArtifact } from "./runs.ts";

/** Constants in the engine that was seen. */
const USAGE = { cpu_time_ms: 0, memory_mb: 0, duration_ms: 0 };

/** What a description needs to know of the engine. */
export interface Describing {
  /** The engine's own faults. */
  faults: ReadonlySet<EngineFault>;
  /** The engine's URL. */
  url: string;
  /** The URL of another origin that serves the same files. */
  foreignUrl: string;
  /** The TEE's account. */
  tee: string;
}

/** Describes a job's newest run, as GET answers. */
export function describeRun(
  id: bigint,
  run: Run,
  { faults, tee, ...more }: Describing,
): Record<string, unknown> {
  const status = faults.has("capitals") ? run.status.toUpperCase() : run.status;
  const escape = faults.has("escapes") ? "\x1b[2J\u202e" : "";
  const isGoing = ["pending", "queued", "running"].includes(run.status);
  return {
    job_id: Number(id),
    run_id: run.id,
    status: isGoing ? status + escape : status,
    artifacts: run.status === "success"
      ? run.artifacts.map((artifact, at) =>
        describeArtifact(id, artifact, { at, faults, tee, ...more })
      )
      : [],
    usage: USAGE,
    compute: { address: tee, region: "local", instance_type: "local", attestation: "" },
    ...run.error === undefined ? {} : { error: run.error + escape },
  };
}

function describeArtifact(
  id: bigint,
  artifact: StoredArtifact,
  { at, faults, url, foreignUrl }: Describing & { at: number },
): Record<string, unknown> {
  const name = faults.has("hostile-names") ? hostileName(artifact.name, at) : artifact.name;
  if (faults.has("foreign-artifacts")) return { name, url: `${foreignUrl}/${id}/${artifact.id}` };
  if (faults.has("artifact-urls")) {
    return { name, url: `${url}/job/${id}/artifacts/${artifact.id}` };
  }
  return { id: artifact.id, name };
}

function hostileName(name: string, at: number): string {
  const names = [
    `../${name}`,
    `/tmp/${name}`,
    `a/../../${name}`,
    `${name}\x1b[2J`,
    `.relay-${name}`,
  ];
  return names[at % names.length]!;
}
