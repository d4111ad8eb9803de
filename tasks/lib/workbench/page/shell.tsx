/**
 * What stands around every view.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { ArtifactsView } from "./artifacts_view.tsx";
import { DataView } from "./data_view.tsx";
import { JobView } from "./job_view.tsx";
import { Link } from "./link.tsx";
import { connection, workbench } from "./live.ts";
import { QueryView } from "./query_view.tsx";
import { hrefOf, route, type ViewName, VIEWS } from "./route.ts";
import { RunBadge } from "./run_badge.tsx";

const TITLES: Readonly<Record<ViewName, string>> = {
  data: "Data",
  query: "Query",
  job: "Job",
  artifacts: "Artifacts",
};

const CONTENT: Readonly<Record<ViewName, () => JSX.Element>> = {
  data: DataView,
  query: QueryView,
  job: JobView,
  artifacts: ArtifactsView,
};

/** The page. */
export function Shell(): JSX.Element {
  const { view } = route.value;
  const state = workbench.value;
  useEffect(() => {
    document.title = `${TITLES[view]} · ${state?.job.name ?? "Workbench"}`;
  }, [view, state?.job.name]);
  if (connection.value === "refused") return <Refused />;
  if (state === undefined) {
    return (
      <main class="alone">
        <p class="waiting">Connecting to the workbench…</p>
      </main>
    );
  }
  const Content = CONTENT[view];
  return (
    <>
      <header class="top">
        <h1>Workbench</h1>
        <nav aria-label="Views">
          {VIEWS.map((name) => (
            <Link key={name} href={hrefOf(name)} current={name === view}>{TITLES[name]}</Link>
          ))}
        </nav>
        <span class="spring" />
        <RunBadge />
      </header>
      {connection.value === "lost" && (
        <div class="lost" role="alert">
          The workbench doesn't answer. Start <code>deno task workbench</code> again{" "}
          and open the address that it prints; what you see is from before.
        </div>
      )}
      <main aria-label={TITLES[view]}>
        <Content />
      </main>
    </>
  );
}

function Refused(): JSX.Element {
  return (
    <main class="alone">
      <h1>This page needs the address from the terminal</h1>
      <p>
        <code>deno task workbench</code> prints an address that ends in{" "}
        <code>#token=…</code>. Open that one: it lets this page read your data, and keeps other
        pages from it.
      </p>
    </main>
  );
}
