/** Every place of an answer in which the Query Engine can put text: none brings the signature into a message. */

import assert from "node:assert/strict";
import { QueryEngineClient } from "../../../query_engine.ts";
import { testSignature } from "../../support/engine.ts";
import { makeDatabase, Mounts } from "../../support/mounts.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { type Script, ScriptedEngine } from "../../support/scripted_engine.ts";

const QUERY = "SELECT a FROM t WHERE email = 'alice@example.com'";
const SIGNATURE = await testSignature(QUERY);
const DIGITS = SIGNATURE.slice(2);
const HALF = DIGITS.slice(0, 60);

const success = (url: string) => ({ query_status: "success", query_results: url });

/** Scripts that echo the signature, by where they put it. */
const ECHOES: Record<string, Script> = {
  "detail of a refusal": {
    submit: (exchange) => exchange.respondJson(400, { detail: `bad ${SIGNATURE}` }),
  },
  "detail that is a list": {
    submit: (exchange) =>
      exchange.respondJson(422, { detail: [{ loc: ["header", SIGNATURE], msg: `is ${DIGITS}` }] }),
  },
  "detail that is an object": {
    submit: (exchange) => exchange.respondJson(400, { detail: { headers: { sig: SIGNATURE } } }),
  },
  "detail of a fault that passes": {
    submit: (exchange, nth) =>
      nth === 0
        ? exchange.respondJson(503, { detail: SIGNATURE })
        : exchange.respondJson(400, { detail: "end" }),
  },
  "detail of a failed query": {
    poll: (exchange) =>
      exchange.respondJson(200, { query_status: "failed", detail: btoa(SIGNATURE) }),
  },
  "query_id": {
    submit: (exchange) => exchange.respondJson(200, { query_id: SIGNATURE }),
    poll: (exchange) => exchange.respondJson(404, { detail: "Not found" }),
  },
  "query_id in base64": {
    submit: (exchange) => exchange.respondJson(200, { query_id: btoa(SIGNATURE) }),
    poll: (exchange) => exchange.respondJson(404, { detail: "Not found" }),
  },
  "query_status": {
    poll: (exchange, nth) =>
      exchange.respondJson(200, { query_status: nth === 0 ? SIGNATURE : "failed" }),
  },
  "a redirect's host": {
    submit: (exchange) => exchange.respond(307, { location: `https://${HALF}.example.com/query` }),
  },
  "a redirect's path": {
    submit: (exchange) => exchange.respond(302, { location: `/moved/${SIGNATURE}` }),
  },
  "a redirect that isn't http": {
    submit: (exchange) => exchange.respond(307, { location: `x-${HALF}:${SIGNATURE}` }),
  },
  "the content type": {
    submit: (exchange) => exchange.respond(200, { "content-type": `text/${SIGNATURE}` }, "<html>"),
  },
  "names of JSON fields": {
    submit: (exchange) => exchange.respondJson(200, { [SIGNATURE]: SIGNATURE }),
  },
  "the results URL's host": {
    poll: (exchange) => exchange.respondJson(200, success(`https://${HALF}.invalid/results`)),
  },
  "the results URL's path": {
    poll: (exchange) =>
      exchange.respondJson(
        200,
        success(`http://${exchange.request.headers.get("host")}/${SIGNATURE}`),
      ),
    download: (exchange) => exchange.respond(403, {}),
  },
  "the results URL's credentials": {
    poll: (exchange) => {
      const host = exchange.request.headers.get("host");
      return exchange.respondJson(200, success(`http://${DIGITS}:${DIGITS}@${host}/x`));
    },
    download: (exchange) => exchange.respond(403, {}),
  },
  "a results URL that isn't one": {
    poll: (exchange) => exchange.respondJson(200, success(`http://[${SIGNATURE}`)),
  },
  "the results' content coding": {
    download: (exchange) =>
      exchange.respond(200, { "content-encoding": SIGNATURE }, "x".repeat(99)),
  },
  "a table's name": {
    download: (exchange) => exchange.respond(200, {}, databaseWith(btoa(SIGNATURE))),
  },
  "a redirect of the results": {
    download: (exchange) => exchange.respond(302, { location: `https://${HALF}.invalid/` }),
  },
};

/** A database whose only table has a name. */
function databaseWith(table: string): Uint8Array {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, `CREATE TABLE "${table}"(a)`);
  return Deno.readFileSync(mounts.inputDatabase);
}

async function run(script: Script, showDetail = true): Promise<string> {
  using mounts = new Mounts();
  using engine = new ScriptedEngine(script);
  const log = new RecordingLog();
  const client = new QueryEngineClient({ url: engine.url, timeoutSeconds: 10, showDetail, log });
  const request = { query: QUERY, signature: SIGNATURE };
  const error = await client.fetchResults(request, mounts.input).then(() => undefined, (e) => e);
  assert.ok(error !== undefined, "the run ended well");
  return `${log.text}\n${error.message}`;
}

function assertSafe(said: string): void {
  const digits = said.toLowerCase().replaceAll(/[^0-9a-f]/g, "");
  const parts = Array.from({ length: DIGITS.length - 15 }, (_, at) => DIGITS.slice(at, at + 16));
  assert.ok(!parts.some((part) => digits.includes(part)), said);
  assert.ok(!said.includes(btoa(SIGNATURE).slice(0, 22)), said);
}

for (const [place, script] of Object.entries(ECHOES)) {
  Deno.test(`no message holds a signature that comes in ${place}`, async () => {
    assertSafe(await run(script));
  });
}

Deno.test("with showDetail: false no message holds any text of the engine", async () => {
  const said = "so-says-the-engine";
  const scripts: Script[] = [
    { submit: (exchange) => exchange.respondJson(400, { detail: said }) },
    { submit: (exchange) => exchange.respond(200, { "content-type": `text/${said}` }, "<html>") },
    { submit: (exchange) => exchange.respond(307, { location: `https://${said}.example.com/` }) },
    {
      submit: (exchange) => exchange.respondJson(200, { query_id: said }),
      poll: (exchange, nth) =>
        nth === 0
          ? exchange.respondJson(200, { query_status: said })
          : exchange.respondJson(200, { query_status: "failed", detail: said }),
    },
    { poll: (exchange) => exchange.respondJson(200, success(`https://${said}.invalid/${said}`)) },
    { download: (exchange) => exchange.respond(200, { "content-encoding": said }, "x".repeat(99)) },
    { download: (exchange) => exchange.respond(200, {}, databaseWith(said)) },
  ];
  for (const script of scripts) {
    const message = await run(script, false);
    assert.ok(!message.includes(said), message);
  }
});

Deno.test("query_id and query_status are bounded, and no terminal code comes through", async () => {
  const said = await run({
    submit: (exchange) => exchange.respondJson(200, { query_id: `\x1b[31m${"i".repeat(200)}` }),
    poll: (exchange, nth) =>
      exchange.respondJson(200, {
        query_status: nth === 0 ? `\x1b]0;${"s ".repeat(9999)}` : "failed",
      }),
  });
  assert.ok(!said.includes("\x1b") && !said.includes("\\u001b"), said);
  assert.ok(said.split("\n").every((line) => line.length < 800), said);
});

Deno.test("an id that would leave its path is refused", async () => {
  for (const query_id of ["..", ".", "\ud800", ""]) {
    const said = await run({ submit: (exchange) => exchange.respondJson(200, { query_id }) });
    assert.match(said, /query_id missing or of another type/);
  }
});
