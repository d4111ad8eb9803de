/**
 * The view of what the job wrote.
 *
 * @module
 */

import type { JSX } from "preact";
import { formatBytes } from "../../../../src/format_bytes.ts";
import { printable } from "../../../../src/printable.ts";
import type { ArtifactInfo } from "../wire.ts";
import { ArtifactPreviewPane } from "./artifact_preview.tsx";
import { Link } from "./link.tsx";
import { workbench } from "./live.ts";
import { hrefOf, route } from "./route.ts";

/** The view. */
export function ArtifactsView(): JSX.Element {
  const { artifacts, run } = workbench.value!;
  const written = artifacts.filter(({ status }) => status !== "earlier");
  const earlier = artifacts.filter(({ status }) => status === "earlier");
  const name = route.value.rest.join("/");
  const chosen = name === ""
    ? written[0] ?? earlier[0]
    : artifacts.find((artifact) => artifact.name === name);
  return (
    <div class="split">
      <nav class="side" aria-label="Artifacts">
        <h2>This run</h2>
        <ArtifactList artifacts={written} chosen={chosen} />
        {earlier.length > 0 && (
          <>
            <h2>Earlier</h2>
            <ArtifactList artifacts={earlier} chosen={chosen} />
          </>
        )}
      </nav>
      <div class="main">
        {chosen !== undefined
          ? <ArtifactPreviewPane key={chosen.name} artifact={chosen} />
          : (
            <div class="empty">
              <h3>{name === "" ? "No artifacts" : `There is no artifact ${printable(name)}`}</h3>
              <p>
                {run?.phase === "failed"
                  ? "The last run failed, so it published nothing. The Job view has the reason."
                  : "What the job writes with artifacts.writeCsv() and the like appears here after each run."}
              </p>
            </div>
          )}
      </div>
    </div>
  );
}

function ArtifactList(
  { artifacts, chosen }: { artifacts: readonly ArtifactInfo[]; chosen: ArtifactInfo | undefined },
): JSX.Element {
  if (artifacts.length === 0) return <p class="muted">none</p>;
  return (
    <ul class="links files">
      {artifacts.map((artifact) => (
        <li key={artifact.name}>
          <Link
            href={hrefOf("artifacts", ...artifact.name.split("/"))}
            current={artifact.name === chosen?.name}
          >
            <span class="name">{printable(artifact.name)}</span>
            <span class="figure">{formatBytes(artifact.bytes)}</span>
            <span class={`tag ${artifact.status}`}>{STATUS[artifact.status]}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

const STATUS = { new: "new", changed: "changed", same: "unchanged", earlier: "" } as const;
