/**
 * The workbench: how soon a saved job's artifacts are there, and how large its page is.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { pause } from "../../../src/pause.ts";
import { ROOT } from "../project.ts";
import { openWorkbench, type Workbench } from "../workbench/server/workbench.ts";
import { linesOf } from "../workbench/sql/text_lines.ts";
import { type RunState, TOKEN_HEADER, type WorkbenchEvent } from "../workbench/wire.ts";
import type { Case, CaseContext, Row } from "./case.ts";
import { summarize } from "./measure.ts";
import type { Workshop } from "./workshop.ts";

const MB = 1e6;

const SCRIPT =
  "CREATE TABLE users AS SELECT 'u-1' AS id; CREATE TABLE results AS SELECT id FROM users;";

/** Milliseconds between runs, in which the type check and the like end. */
const REST_MS = 2000;

/** Cases of the workbench. */
export const WORKBENCH_CASES: readonly Case[] = [
  {
    name: "workbench-save",
    needs: [],
    bytes: 100 * MB,
    runs: 10,
    measure: (context) => withWorkbench(context.workshop, (open) => measureSave(context, open)),
  },
  {
    name: "workbench-page",
    needs: [],
    bytes: 100 * MB,
    runs: 1,
    measure: ({ workshop }) => withWorkbench(workshop, measurePage),
  },
];

/** A workbench that is open, and the job it runs. */
interface Open {
  workbench: Workbench;
  save(text: string): void;
}

async function withWorkbench(
  workshop: Workshop,
  measure: (open: Open) => Promise<Row>,
): Promise<Row[]> {
  const folder = workshop.join("workbench");
  Deno.mkdirSync(folder, { recursive: true });
  const path = (name: string) => join(folder, name);
  const save = (text: string) => Deno.writeTextFileSync(path("job.ts"), jobOf(text));
  save("first");
  Deno.writeTextFileSync(path("data.sql"), SCRIPT);
  await using workbench = await openWorkbench({
    entry: path("job.ts"),
    script: path("data.sql"),
    input: path("input"),
    output: path("output"),
    port: 0,
  });
  return [await measure({ workbench, save })];
}

function jobOf(text: string): string {
  const sdk = pathToFileURL(join(ROOT, "mod.ts")).href;
  return `import { defineJob } from ${JSON.stringify(sdk)};
export default defineJob({
  name: "measured",
  process: ({ artifacts }) => artifacts.writeText("text.txt", ${JSON.stringify(text)}),
});
`;
}

async function measureSave({ runs, onRun }: CaseContext, { workbench, save }: Open): Promise<Row> {
  const ended = endsOf(workbench);
  await ended.next();
  const seconds: number[] = [];
  for (let run = 0; run < runs; run++) {
    onRun(run, runs);
    await pause(REST_MS);
    const started = performance.now();
    save(`run ${run}`);
    const { value } = await ended.next();
    assert.equal(value?.phase, "done");
    seconds.push((performance.now() - started) / 1000 - value.seconds!);
  }
  await ended.return(undefined);
  return {
    what: "workbench, from a save to its artifacts, without the job's own time",
    unit: "s",
    ours: summarize(seconds),
    bar: { of: "most", atMost: 1 },
  };
}

/** The runs that have ended, each once. */
async function* endsOf({ url }: Workbench): AsyncGenerator<RunState> {
  const { origin, hash } = new URL(url);
  const headers = { [TOKEN_HEADER]: hash.replace("#token=", "") };
  const response = await fetch(`${origin}/api/events`, { headers });
  let last = 0;
  for await (const line of linesOf(response.body!)) {
    if (!line.startsWith("data: ")) continue;
    const event: WorkbenchEvent = JSON.parse(line.slice("data: ".length));
    const run = event.type === "all"
      ? event.state.run
      : event.type === "part"
      ? event.part.run
      : undefined;
    if (run === undefined || run.number === last || run.code === undefined) continue;
    last = run.number;
    yield run;
  }
}

async function measurePage({ workbench }: Open): Promise<Row> {
  let bytes = 0;
  for (const path of ["/", "/page.js", "/page.css"]) {
    const response = await fetch(new URL(path, workbench.url));
    const stream = response.body!.pipeThrough(new CompressionStream("gzip"));
    bytes += (await new Response(stream).bytes()).length;
  }
  return {
    what: "workbench, page compressed",
    unit: "MB",
    ours: summarize([bytes / MB]),
    bar: { of: "most", atMost: 0.3 },
  };
}
