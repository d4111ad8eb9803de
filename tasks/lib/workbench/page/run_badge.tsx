/**
 * How the last run went, in a few words.
 *
 * @module
 */

import type { JSX } from "preact";
import type { RunState } from "../wire.ts";
import { Link } from "./link.tsx";
import { workbench } from "./live.ts";
import { hrefOf } from "./route.ts";
import { formatSeconds } from "./words.ts";

/** What happens in a run, or how it ended. */
export function describePhase({ phase, seconds }: RunState): string {
  switch (phase) {
    case "data":
      return "making the data…";
    case "job":
      return "running…";
    case "done":
      return `done${seconds === undefined ? "" : ` in ${formatSeconds(seconds)}`}`;
    case "failed":
      return "failed";
    case "stopped":
      return "stopped";
  }
}

/** The last run's state; it leads to the job. */
export function RunBadge(): JSX.Element {
  const { run, check } = workbench.value!;
  const phase = run?.phase ?? "data";
  const words = run === undefined ? "starting…" : describePhase(run);
  const kind = phase === "done" && check?.state === "failed" ? "failed" : phase;
  return (
    <Link href={hrefOf("job")} class={`badge ${kind}`}>
      <span class="dot" aria-hidden="true" />
      <span role="status">
        {run === undefined ? "" : `Run ${run.number} `}
        {words}
        {check?.state === "failed" ? ", type mistakes" : ""}
      </span>
    </Link>
  );
}
