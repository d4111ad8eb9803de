/** A production run's errors name the variable to change. */

import assert from "node:assert/strict";
import { productionEnv, TestEngine } from "../../support/engine.ts";
import { Mounts } from "../../support/mounts.ts";
import { spawnRelay } from "../../support/relay.ts";
import { outcomeOf } from "../../support/run.ts";
import { type Script, ScriptedEngine } from "../../support/scripted_engine.ts";

async function runAgainst(url: string, env: Record<string, string> = {}) {
  using mounts = new Mounts();
  return await outcomeOf(spawnRelay({ ...await productionEnv(mounts, url), ...env }));
}

const REMEDIES: Record<string, [Script, RegExp]> = {
  "a URL that isn't an engine's": [
    { submit: (exchange) => exchange.respond(200, {}, "<html>") },
    /aren't JSON.*; check QUERY_ENGINE_URL/,
  ],
  "an unknown path": [
    { submit: (exchange) => exchange.respondJson(404, { detail: "Not Found" }) },
    /answered 404: Not Found; check QUERY_ENGINE_URL/,
  ],
  "a redirect to another origin": [
    { submit: (exchange) => exchange.respond(307, { location: "https://other.example.com/" }) },
    /other\.example\.com.*; if you trust it, .* add it to QUERY_ENGINE_TRUSTED_ORIGINS/,
  ],
  "a refused signature": [
    { submit: (exchange) => exchange.respondJson(401, { detail: "No" }) },
    /answered 401: No; QUERY_SIGNATURE must be the job owner's signature of exactly this QUERY/,
  ],
  "a query that takes too long": [
    { poll: (exchange) => exchange.respondJson(200, { query_status: "processing" }) },
    /did not succeed within 2 s: it is still pending; QUERY_TIMEOUT_SECONDS sets the limit/,
  ],
  "results larger than the disk": [
    { download: (exchange) => exchange.head(200, { "content-length": "999999999999999" }) },
    /No room for the results.*; mount a larger directory at INPUT_PATH/,
  ],
  "results at a name that doesn't resolve": [
    {
      poll: (exchange) =>
        exchange.respondJson(200, {
          query_status: "success",
          query_results: "https://results.invalid/",
        }),
    },
    /results\.invalid can't be resolved.*; check .*the network/,
  ],
};

for (const [name, [script, message]] of Object.entries(REMEDIES)) {
  Deno.test(`the error says what to do about ${name}`, async () => {
    using engine = new ScriptedEngine(script);
    const { code, stderr } = await runAgainst(engine.url, { QUERY_TIMEOUT_SECONDS: "2" });
    assert.equal(code, 2);
    assert.match(stderr, message);
  });
}

Deno.test("an engine whose name doesn't resolve is reported at once", async () => {
  const { code, stderr } = await runAgainst("https://engine.invalid", {
    QUERY_TIMEOUT_SECONDS: "150",
  });
  assert.equal(code, 2);
  assert.match(stderr, /engine\.invalid can't be resolved.*; check QUERY_ENGINE_URL, the network/);
});

Deno.test("an input mount that can't be written to is a parameter's error, and nothing is sent", async () => {
  using mounts = new Mounts();
  await using engine = new TestEngine();
  Deno.mkdirSync(mounts.inputDatabase);
  const { code, stderr } = await outcomeOf(spawnRelay(await productionEnv(mounts, engine.url)));
  assert.equal(code, 1);
  assert.match(stderr, /INPUT_PATH: .*input can't be written to \(.*is a directory\); mount a wri/);
  assert.equal(engine.requests.length, 0);
});

Deno.test("QUERY_ENGINE_DETAIL=off keeps the engine's own text out of the log", async () => {
  for (const [detail, shown] of [["on", true], ["OFF", false]] as const) {
    await using engine = new TestEngine({ faults: [{ name: "failed" }] });
    const { code, stderr } = await runAgainst(engine.url, { QUERY_ENGINE_DETAIL: detail });
    assert.equal(code, 2);
    assert.match(stderr, /The query failed on the Query Engine/);
    assert.equal(stderr.includes("The refiner is not available"), shown, stderr);
  }
});

Deno.test("QUERY_ENGINE_DETAIL is on or off", async () => {
  const { code, stderr } = await runAgainst("http://127.0.0.1:9", { QUERY_ENGINE_DETAIL: "maybe" });
  assert.equal(code, 1);
  assert.match(stderr, /QUERY_ENGINE_DETAIL: expected one of on, off/);
});
