/**
 * Every fault of the local engine at every stage it can meet: the run ends with the right exit code
 * and message, in time, and leaves whole files or none.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { FAULTS, type Stage } from "../../tasks/lib/engine/faults.ts";
import { productionEnv, TEST_PARAMS, TEST_QUERY, TestEngine } from "../support/engine.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../support/mounts.ts";
import { limited } from "../support/pool.ts";
import { runWorker } from "../support/run.ts";

/** What a run ends with. */
interface Expectation {
  exit: 0 | 2;
  /** What the log says. */
  log?: RegExp;
  /** The most requests of the fault's stage: a fault must not become a storm. */
  requests: number;
}

const HEALED = (requests: number, log?: RegExp): Expectation => ({ exit: 0, requests, log });
const FAILS = (requests: number, log: RegExp): Expectation => ({ exit: 2, requests, log });

/** By `fault@stage`. */
const EXPECTED: Record<string, Expectation> = {
  "busy@submit": HEALED(3, /answered 503: Too many queries/),
  "busy@poll": HEALED(9, /answered 503/),
  "busy@download": HEALED(3, /answered 503; trying again in 1\.0 s/),
  "busy-date@submit": HEALED(2, /answered 429: Slow down/),
  "busy-date@poll": HEALED(9, /answered 429/),
  "busy-date@download": HEALED(2, /answered 429/),
  "busy-for-long@submit": FAILS(1, /answered 503: Maintenance; it asks to wait 3600 s/),
  "busy-for-long@poll": FAILS(1, /it asks to wait 3600 s, past the deadline/),
  "busy-for-long@download": FAILS(1, /answered 503 and asks to wait 3600 s/),
  "5xx@submit": FAILS(4, /answered 500: Internal error$/m),
  "5xx@poll": FAILS(8, /did not succeed within 4 s .*answered 500/),
  "5xx@download": FAILS(5, /5 attempts in a row .* answered 500/),
  "4xx@submit": FAILS(1, /answered 422: body\.refiner_id: Field required/),
  "4xx@poll": FAILS(1, /answered 422: body\.refiner_id: Field required/),
  "4xx@download": FAILS(1, /answered 422; expected 200 and a SQLite database/),
  "unauthorized@submit": FAILS(1, /answered 401: Invalid signature; QUERY_SIGNATURE must be/),
  "unauthorized@poll": FAILS(1, /answered 401/),
  "unauthorized@download": FAILS(2, /answered 401, and the fresh URL was refused too/),
  "unknown@submit": FAILS(1, /answered 404/),
  "unknown@poll": FAILS(1, /answered 404: Query not found/),
  "unknown@download": FAILS(2, /answered 404, and the fresh URL was refused too/),
  "reset@submit": FAILS(4, /connection closed before message completed/),
  "reset@poll": FAILS(8, /did not succeed within 4 s .*connection closed/),
  "reset@download": FAILS(5, /5 attempts in a row .*connection closed/),
  "reset-after-head@submit": FAILS(4, /no answer: error reading a body/),
  "reset-after-head@poll": FAILS(8, /did not succeed within 4 s .*error reading a body/),
  "reset-after-head@download": FAILS(5, /5 attempts in a row .*the connection broke/),
  "silent@submit": FAILS(1, /did not succeed within 4 s \(QUERY_TIMEOUT_SECONDS\)/),
  "silent@poll": FAILS(1, /did not succeed within 4 s \(QUERY_TIMEOUT_SECONDS\)/),
  "silent@download": FAILS(5, /5 attempts in a row .*no byte came for 0\.5 s/),
  "html@submit": FAILS(1, /aren't JSON \(text\/html\); is QUERY_ENGINE_URL a Query Engine\?/),
  "html@poll": FAILS(1, /aren't JSON \(text\/html\)/),
  "html@download": FAILS(1, /is an HTML page; expected a SQLite database/),
  "invalid-json@submit": FAILS(1, /aren't JSON/),
  "invalid-json@poll": FAILS(1, /aren't JSON/),
  "wrong-shape@submit": FAILS(1, /query_id missing or of another type/),
  "wrong-shape@poll": FAILS(1, /query_status missing or of another type/),
  "huge-json@submit": FAILS(1, /longer than 1048576 bytes/),
  "huge-json@poll": FAILS(1, /longer than 1048576 bytes/),
  "redirect-other-origin@submit": FAILS(1, /redirects to another origin, http:\/\/127/),
  "redirect-other-origin@poll": FAILS(1, /redirects to another origin, http:\/\/127/),
  "redirect-other-origin@download": HEALED(2),
  "redirect-loop@submit": FAILS(4, /redirected more than 3 times/),
  "redirect-loop@poll": FAILS(4, /redirected more than 3 times/),
  "redirect-loop@download": FAILS(6, /redirected more than 5 times/),
  "failed@poll": FAILS(1, /The query failed on the Query Engine: The refiner is not available/),
  "pending@poll": FAILS(9, /did not succeed within 4 s .*still pending/),
  "no-url@poll": FAILS(9, /succeeded but names no results URL/),
  "other-origin@poll": HEALED(9),
  "file-url@poll": FAILS(9, /a results URL that isn't http or https/),
  "expired@download": HEALED(2, /answered 403; asking the Query Engine for a fresh URL/),
  "expired-for-good@download": FAILS(2, /answered 403, and the fresh URL was refused too/),
  "cut@download": HEALED(2, /Download interrupted at 4\.0 KiB/),
  "cut-always@download": FAILS(6, /5 attempts in a row brought nothing new/),
  "cut-at-0@download": HEALED(2, /Download interrupted at 0 bytes/),
  "cut-at-1@download": HEALED(2, /Download interrupted at 1 byte:/),
  "cut-at-last@download": HEALED(2, /Download interrupted/),
  "no-ranges@download": HEALED(2, /Download interrupted/),
  "truncated@download": FAILS(1, /is truncated: expected 8192 bytes, got 4096/),
  "stalled@download": HEALED(2, /no byte came for 0\.5 s/),
  "stalled-always@download": FAILS(5, /5 attempts in a row .*no byte came for 0\.5 s/),
  "changed@download": HEALED(2, /The server sends the file from its start again/),
  "lying-range@download": HEALED(3, /answered another range than was asked for/),
  "too-long@download": FAILS(6, /5 attempts in a row/),
  "too-short@download": FAILS(1, /is truncated: expected 8192 bytes, got 8092/),
  "chunked@download": HEALED(1),
  "chunked-cut@download": HEALED(2, /Download interrupted/),
  "chunked-truncated@download": FAILS(6, /told no length, and the file is cut short/),
  "gzip@download": HEALED(1),
  "slow@download": HEALED(1),
  "empty@download": FAILS(1, /is empty \(0 bytes\)/),
};

/** Longer than any scenario takes: query 4 s, then a download of five stalls and its pauses. */
const BOUND_MS = 30_000;

interface Observed {
  code: number;
  stderr: string;
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
  const { code, stderr } = await runWorker(await productionEnv(mounts, engine.url));
  using output = new DatabaseSync(mounts.outputDatabase, { readOnly: true });
  const row = output.prepare("SELECT count(*) AS n FROM results").get();
  return {
    code,
    stderr,
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

Deno.test("every fault at every stage has an expectation", () => {
  assert.deepEqual(Object.keys(EXPECTED).sort(), [...runs.keys()].sort());
});

for (const [name, { exit, log, requests }] of Object.entries(EXPECTED)) {
  scenario(name, (observed) => {
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
      assert.ok(!observed.stderr.includes(secret), `the log holds ${secret}`);
    }
    assert.doesNotMatch(observed.stderr, /^\s+at /m);
  });
}
