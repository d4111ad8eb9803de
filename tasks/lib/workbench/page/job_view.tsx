/**
 * The view of the job: how its last run went, what it logged, and what it may do.
 *
 * @module
 */

import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { formatBytes } from "../../../../src/format_bytes.ts";
import type { RunState, WorkbenchState } from "../wire.ts";
import { ask } from "./api.ts";
import { log, workbench } from "./live.ts";
import { Link } from "./link.tsx";
import { Notice } from "./notice.tsx";
import { hrefOf } from "./route.ts";
import { describePhase } from "./run_badge.tsx";
import { counted, formatSeconds, grouped } from "./words.ts";

/** The view. */
export function JobView(): JSX.Element {
  const { job, run, check, artifacts } = workbench.value!;
  const written = artifacts.filter(({ status }) => status !== "earlier").length;
  return (
    <div class="job-view">
      <section class="job-head" aria-label="The run">
        <div>
          <h2>{job.name ?? job.entry}</h2>
          <p class="muted">{job.entry}</p>
        </div>
        {run !== undefined && <Facts run={run} written={written} check={check} />}
      </section>
      {run?.error !== undefined && (
        <Notice kind="error">
          {run.error.place !== undefined && <strong class="place">{run.error.place}</strong>}
          <pre>{run.error.message}</pre>
        </Notice>
      )}
      {check?.state === "failed" && (
        <Notice kind="error">
          <pre>{check.text}</pre>
        </Notice>
      )}
      <div class="job-body">
        <Log run={run} />
        <section class="rights" aria-label="Rights">
          <h3>What it may do</h3>
          {job.rights.length === 0
            ? <p class="muted">Not known: the job can't be loaded.</p>
            : <ul>{job.rights.map((right) => <li key={right}>{right}</li>)}</ul>}
          <p>
            <Link href={hrefOf("artifacts")}>{counted(written, "artifact")} of this run</Link>
          </p>
        </section>
      </div>
    </div>
  );
}

function Facts(
  { run, written, check }: { run: RunState; written: number; check: WorkbenchState["check"] },
): JSX.Element {
  const facts: [string, string][] = [
    ["Run", String(run.number)],
    ["Cause", run.cause],
    ["State", describePhase(run)],
    ["Job's time", run.seconds === undefined ? elapsedSince(run) : formatSeconds(run.seconds)],
    ["Memory", run.memoryBytes === undefined ? "–" : formatBytes(run.memoryBytes)],
    ["Artifacts", String(written)],
    ["Types", check === undefined ? "–" : TYPES[check.state]],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const TYPES = { running: "checking…", passed: "no mistakes", failed: "mistakes" } as const;

function elapsedSince({ started, phase }: RunState): string {
  if (phase !== "data" && phase !== "job") return "–";
  return `${Math.max(0, Math.round((Date.now() - Date.parse(started)) / 1000))} s so far`;
}

function Log({ run }: { run: RunState | undefined }): JSX.Element {
  const lines = log.value;
  const list = useRef<HTMLOListElement>(null);
  const [, tick] = useState(0);
  const [following, setFollowing] = useState(true);
  const busy = run?.phase === "data" || run?.phase === "job";
  useEffect(() => {
    if (!busy) return;
    const timer = setInterval(() => tick((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, [busy]);
  useEffect(() => {
    if (following) list.current!.scrollTop = list.current!.scrollHeight;
  }, [lines, following]);
  return (
    <section class="log" aria-label="Log">
      <div class="toolbar">
        <h3>Log</h3>
        <span class="figure">{counted(lines.length, "line")}</span>
        <span class="spring" />
        <button
          type="button"
          onClick={() => ask("stop").catch(() => {})}
          disabled={!busy}
        >
          Stop
        </button>
        <button type="button" class="primary" onClick={() => ask("run").catch(() => {})}>
          Run again
        </button>
      </div>
      <ol
        ref={list}
        tabIndex={0}
        aria-label="Log lines"
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < 40)}
      >
        {lines.map(({ time, level, text }, at) => (
          <li key={at} class={level}>
            <time dateTime={time}>{time.slice(11, 23)}</time>
            <span class="level">{level}</span>
            <span class="text">{text}</span>
          </li>
        ))}
      </ol>
      {lines.length === 0 && (
        <p class="empty">
          {busy
            ? "The job has logged nothing yet."
            : "The job logged nothing. In a job, use log.info()."}
        </p>
      )}
      {(run?.dropped ?? 0) > 0 && (
        <p class="muted">{grouped(run!.dropped)} more lines weren't kept.</p>
      )}
    </section>
  );
}
