/**
 * Every fault of the local engine at every stage it can meet: the run ends with the right exit code
 * and message, in time, and leaves whole files or none.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { FAULTS, type Stage } from "../../../tasks/lib/engine/faults.ts";
import { productionEnv, TEST_PARAMS, TEST_QUERY, TestEngine } from "../../support/engine.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";
import { limited } from "../../support/pool.ts";
import { spawnRelay } from "../../support/relay.ts";
import { outcomeOf } from "../../support/run.ts";

/** What a run ends with. */
interface Expectation {
  exit: 0 | 2;
  /** What the log says. */
  log?: RegExp;
  /** The most requests of the fault's stage: a fault must not become a storm. */
  requests: number;
}

const HEALS = (requests: number, log?: RegExp): Expectation => ({ exit: 0, requests, log });
const FAILS = (requests: number, log: RegExp): Expectation => ({ exit: 2, requests, log });

/** A fault that lasts: what each stage gives up with, and after how many requests. */
const LASTS: Record<Stage, (log: RegExp) => Expectation> = {
  submit: (log) => FAILS(4, log),
  poll: (log) => FAILS(12, new RegExp(`did not succeed within 4 s: .*${log.source}`)),
  download: (log) => FAILS(6, new RegExp(`5 attempts in a row .*${log.source}`)),
};

/** A query takes a few polls; their number depends on how fast it runs. */
const POLLS = 18;

/** What `name@stage` ends with: the first rule that matches. */
const RULES: readonly [RegExp, Expectation][] = [
  // Statuses: those that may pass are retried, the others end it at once.
  [/^status-(429|503)@submit$/, FAILS(12, /did not succeed within 4 s: .*answered (429|503)/)],
  [
    /^(status-(408|500|502|504)|5xx)@submit$/,
    LASTS.submit(/\/query: the Query Engine answered \d+/),
  ],
  [/^(status-(408|429|500|502|503|504)|5xx)@poll$/, LASTS.poll(/answered \d+/)],
  [/^(status-(408|429|500|502|503|504)|5xx)@download$/, LASTS.download(/answered \d+/)],
  [/^status-(401|403|404|410)@download$/, FAILS(2, /answered \d+, and the fresh URL was refused/)],
  [/^status-(401|403)@/, FAILS(1, /answered 40[13]; QUERY_SIGNATURE must be the job owner's/)],
  [/^status-204@download$/, FAILS(1, /answered 204; expected 200 and a SQLite database/)],
  [/^status-204@/, FAILS(1, /answered 204 with 0 characters that aren't JSON/)],
  [/^(status-\d+|4xx)@download$/, FAILS(1, /answered \d+; expected 200 and a SQLite database/)],
  [/^status-\d+@/, FAILS(1, /the Query Engine answered \d+/)],
  [/^4xx@/, FAILS(1, /answered 422: body\.refiner_id: Field required/)],
  [/^busy@submit$/, HEALS(3, /answered 503: Too many queries/)],
  [/^busy@poll$/, HEALS(POLLS, /answered 503: Too many queries/)],
  [/^busy@download$/, HEALS(3, /answered 503; trying again in 1\.0 s/)],
  [/^busy-date@/, HEALS(POLLS, /answered 429/)],
  [/^busy-for-long@/, FAILS(1, /answered 503.* asks to wait 3600 s/)],

  // The connection.
  [
    /^reset@submit$/,
    LASTS.submit(/\/query: no answer: connection closed before message completed/),
  ],
  [/^reset@poll$/, LASTS.poll(/connection closed before message completed/)],
  [/^reset@download$/, LASTS.download(/connection closed before message completed/)],
  [/^(reset-once|lost-answer|cut|cut-at-\w+|chunked-cut)@/, HEALS(POLLS, /trying again/)],
  [/^(cut-always|too-long)@submit$/, LASTS.submit(/\/query: no answer: error reading a body/)],
  [/^(cut-always|too-long)@poll$/, LASTS.poll(/error reading a body/)],
  [/^(cut-always|too-long)@download$/, LASTS.download(/the connection broke/)],
  [
    /^(silent|stalled|stalled-always|slow-head)@(submit|poll)$/,
    FAILS(1, /did not succeed within 4 s/),
  ],
  [/^(silent|stalled-always|slow-head)@download$/, LASTS.download(/no byte came for 0\.5 s/)],
  [/^stalled@download$/, HEALS(2, /no byte came for 0\.5 s/)],
  [/^gone@submit$/, FAILS(1, /did not succeed within 4 s: .*Connection refused/)],
  [/^results-refused@poll$/, FAILS(POLLS, /5 attempts in a row .*Connection refused/)],
  [/^results-unresolvable@poll$/, FAILS(POLLS, /results\.invalid can't be resolved: dns error/)],

  // What is sent.
  [/^(html|empty|garbage|invalid-json)@(submit|poll)$/, FAILS(1, /characters that aren't JSON/)],
  [/^(truncated|too-short|chunked-truncated)@(submit|poll)$/, FAILS(POLLS, /that aren't JSON/)],
  [/^wrong-shape@/, FAILS(1, /query_(id|status) missing or of another type/)],
  [/^huge-json@/, FAILS(1, /longer than 1048576 bytes/)],
  [/^html@download$/, FAILS(1, /is an HTML page; expected a SQLite database/)],
  [/^empty@download$/, FAILS(1, /is empty \(0 bytes\)/)],
  [/^garbage@download$/, FAILS(1, /is encrypted or not a database/)],
  [/^other-database@download$/, FAILS(1, /has no table or view "results".*"something_else"/)],
  [/^truncated@download$/, FAILS(1, /is truncated: expected 8192 bytes, got 4096/)],
  [/^too-short@download$/, FAILS(1, /is truncated: expected 8192 bytes, got 8172/)],
  [
    /^chunked-truncated@download$/,
    LASTS.download(/announced no length, and the file is cut short/),
  ],
  [/^no-ranges@/, HEALS(2, /Download interrupted at 4\.0 KiB/)],
  [/^changed@/, HEALS(2, /The server sends the file from its start again/)],
  [/^lying-range@/, HEALS(3, /answered another range than was asked for/)],
  [/^(chunked|gzip|slow|extra)@/, HEALS(POLLS)],

  // Where it leads.
  [/^redirect-other-origin@download$/, HEALS(2)],
  [/^redirect-other-origin@/, FAILS(1, /redirects to another origin, http:\/\/127/)],
  [/^redirect-loop@download$/, FAILS(6, /redirected more than 5 times/)],
  [/^redirect-loop@/, FAILS(4, /redirected more than 3 times/)],
  [/^other-origin@/, HEALS(POLLS)],
  [/^file-url@/, FAILS(POLLS, /a results URL that isn't http or https/)],
  [/^expired@/, HEALS(2, /answered 403; asking the Query Engine for a fresh URL/)],
  [/^failed@/, FAILS(1, /The query failed on the Query Engine: The refiner is not available/)],
  [/^pending@/, FAILS(POLLS, /did not succeed within 4 s: .*still pending/)],
  [/^no-url@/, FAILS(POLLS, /succeeded but names no results URL/)],
];

/** Longer than any scenario takes: query 4 s, then a download of five stalls and its pauses. */
const BOUND_MS = 30_000;

interface Observed {
  code: number;
  stderr: string;
  /** All that it printed, and its command line. */
  said: string;
  took: number;
  inputNames: string[];
  outputNames: string[];
  outputRows?: number;
  requests: number;
  signedForeign: number;
  tokens: string[];
}

async function observe(name: string, stage: Stage): Promise<Observed> {
  using mounts = new Mounts();
  await using engine = new TestEngine({ faults: [{ name, stage }] });
  makeDatabase(mounts.outputDatabase, SMALL_RESULTS);
  const started = performance.now();
  const worker = spawnRelay(await productionEnv(mounts, engine.url));
  const commandLine = Deno.readTextFileSync(`/proc/${worker.pid}/cmdline`);
  const { code, stderr, stdout } = await outcomeOf(worker);
  using output = new DatabaseSync(mounts.outputDatabase, { readOnly: true });
  const row = output.prepare("SELECT count(*) AS n FROM results").get();
  return {
    code,
    stderr,
    said: stderr + stdout + commandLine,
    took: performance.now() - started,
    inputNames: mounts.inputNames(),
    outputNames: mounts.outputNames(),
    outputRows: Number(row?.n),
    requests: engine.count(stage),
    signedForeign: engine.requests.filter(({ foreign, signed }) => foreign && signed).length,
    tokens: engine.requests.flatMap(({ target }) => target.split("token=")[1] ?? []),
  };
}

const scenarios = Object.entries(FAULTS).flatMap(([name, { stages }]) =>
  stages.map((stage) => ({ name, stage }))
);
const run = limited(6);
const runs = new Map(
  scenarios.map(({ name, stage }) => [`${name}@${stage}`, run(() => observe(name, stage))]),
);

function scenario(name: string, check: (observed: Observed) => void): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      check(await runs.get(name)!);
    },
  });
}

Deno.test("every rule is of a fault there is", () => {
  const idle = RULES.filter(([pattern]) => ![...runs.keys()].some((name) => pattern.test(name)));
  assert.deepEqual(idle, []);
});

for (const name of runs.keys()) {
  scenario(name, (observed) => {
    const rule = RULES.find(([pattern]) => pattern.test(name));
    assert.ok(rule !== undefined, "no rule says what it must end with");
    const { exit, log, requests } = rule[1];
    assert.equal(observed.code, exit, observed.stderr);
    if (log !== undefined) assert.match(observed.stderr, log);
    assert.ok(observed.requests <= requests, `${observed.requests} requests`);
    assert.ok(observed.took < BOUND_MS, `${observed.took} ms`);
    // The output is the earlier one (3 rows) or the whole new one (the ten users).
    assert.equal(observed.outputRows, exit === 0 ? 10 : 3);
    assert.deepEqual(observed.outputNames, ["query_results.db"]);
    assert.deepEqual(observed.inputNames, exit === 0 ? ["query_results.db"] : []);
    assert.equal(observed.signedForeign, 0);
    for (const secret of [TEST_QUERY, TEST_PARAMS.slice(2, -2), "0x", ...observed.tokens]) {
      assert.ok(
        !observed.said.includes(secret),
        `the log, the output or the command holds ${secret}`,
      );
    }
    assert.doesNotMatch(observed.stderr, /^\s+at /m);
  });
}
