/**
 * The matrix of faults: a production run against an engine with one fault at one stage, and what must
 * hold of it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { FaultKind, Stage } from "../../tasks/lib/engine/fault.ts";
import { productionEnv, TEST_PARAMS, TEST_QUERY, TestEngine } from "./engine.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "./mounts.ts";
import { limited } from "./pool.ts";
import { spawnRelay } from "./relay.ts";
import { outcomeOf } from "./run.ts";

/** What a run ends with. */
export interface Expectation {
  /** The exit code. */
  exit: 0 | 2;
  /** What the log says. */
  log?: RegExp;
  /** The most requests of the fault's stage: a fault must not become a storm. */
  requests: number;
}

/** The fault passes. */
export const HEALS = (requests: number, log?: RegExp): Expectation => ({ exit: 0, requests, log });
/** The fault ends the run. */
export const FAILS = (requests: number, log: RegExp): Expectation => ({ exit: 2, requests, log });

/** A fault that lasts: what each stage gives up with, and after how many requests. */
export const LASTS: Record<Stage, (log: RegExp) => Expectation> = {
  submit: (log) => FAILS(4, log),
  poll: (log) => FAILS(12, new RegExp(`did not succeed within 4 s: .*${log.source}`)),
  download: (log) => FAILS(6, new RegExp(`5 attempts in a row .*${log.source}`)),
};

/** At most so many: a query takes a few polls; their number depends on how fast it runs. */
export const POLLS = 18;

/** What `name@stage` ends with, by a pattern of that; the first that matches holds. */
export type Rule = readonly [RegExp, Expectation];

/** Longer than any scenario takes: query 4 s, then a download of five stalls and its pauses. */
const BOUND_MS = 30_000;

interface Scenario {
  name: string;
  stage: Stage;
}

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
  /** How often the fault really happened. */
  shown: number;
  signedForeign: number;
  tokens: string[];
}

async function observe({ name, stage }: Scenario): Promise<Observed> {
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
    shown: engine.shown(name, stage),
    signedForeign: engine.requests.filter(({ foreign, signed }) => foreign && signed).length,
    tokens: engine.requests.flatMap(({ target }) => target.split("token=")[1] ?? []),
  };
}

/** Scenarios of one test that run side by side. They wait most of the time. */
const SIDE_BY_SIDE = 10;

/**
 * Defines a test for each fault, with its stages side by side. Its name lists them, and nothing runs
 * before the test does.
 *
 * @param groups Faults that share a test, because they are many: what their names begin with.
 */
export function testFaults(
  faults: Readonly<Record<string, FaultKind>>,
  rules: readonly Rule[],
  groups: readonly string[] = [],
): void {
  const scenarios = Object.entries(faults).flatMap(([name, { stages }]) =>
    stages.map((stage): Scenario => ({ name, stage }))
  );
  const ruleFor = ({ name, stage }: Scenario) =>
    rules.find(([pattern]) => pattern.test(`${name}@${stage}`));
  Deno.test("every rule is of a fault there is, and every fault has one", () => {
    const used = new Set(scenarios.map(ruleFor));
    assert.deepEqual(rules.filter((rule) => !used.has(rule)), []);
    assert.ok(!used.has(undefined));
  });
  const tests = Map.groupBy(
    scenarios,
    ({ name }) => groups.find((prefix) => name.startsWith(prefix)) ?? name,
  );
  for (const members of tests.values()) {
    Deno.test({
      name: members.map(({ name, stage }) => `${name}@${stage}`).join(", "),
      // A fault may leave the engine waiting for ever.
      sanitizeOps: false,
      sanitizeResources: false,
      async fn(test) {
        const run = limited(SIDE_BY_SIDE);
        await Promise.all(members.map((scenario) =>
          test.step({
            name: `${scenario.name}@${scenario.stage}`,
            fn: () => run(async () => check(await observe(scenario), ruleFor(scenario)![1])),
            sanitizeOps: false,
            sanitizeResources: false,
            sanitizeExit: false,
          })
        ));
      },
    });
  }
}

function check(observed: Observed, { exit, log, requests }: Expectation): void {
  assert.ok(observed.shown > 0, "the fault never happened");
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
}
