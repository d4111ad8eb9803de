/** What servers in the field answer, rightly or wrongly. */

import assert from "node:assert/strict";
import { type JsonValue, QueryEngineClient } from "../../../query_engine.ts";
import { TEST_QUERY, testSignature } from "../../support/engine.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";
import { RecordingLog } from "../../support/recording_log.ts";
import { type Script, ScriptedEngine } from "../../support/scripted_engine.ts";

const SIGNATURE = await testSignature();

const FILE: Uint8Array = (() => {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
  return Deno.readFileSync(mounts.inputDatabase);
})();
const HALF = FILE.length / 2;

interface Run {
  engine: ScriptedEngine;
  log: string;
  /** Absent if the file arrived whole. */
  error?: string;
}

async function run(
  script: Script,
  { timeoutSeconds = 20, params }: {
    timeoutSeconds?: number;
    params?: readonly JsonValue[] | string;
  } = {},
): Promise<Run> {
  using mounts = new Mounts();
  using engine = new ScriptedEngine(script, FILE);
  const log = new RecordingLog();
  const client = new QueryEngineClient({ url: engine.url, timeoutSeconds, stallSeconds: 5, log });
  const request = { query: TEST_QUERY, signature: SIGNATURE, params };
  try {
    const { path } = await client.fetchResults(request, mounts.input);
    assert.deepEqual(Deno.readFileSync(path), FILE);
    return { engine, log: log.text };
  } catch (error) {
    return { engine, log: log.text, error: (error as Error).message };
  }
}

/** Downloads by a script; all else is sound, and the file arrives whole. */
async function download(answer: Required<Script>["download"], more: Script = {}): Promise<Run> {
  const result = await run({ ...more, download: answer });
  assert.equal(result.error, undefined);
  return result;
}

const success = (url: string) => ({ query_status: "success", query_results: url });
const resumable = { "accept-ranges": "bytes", etag: '"v1"' };

Deno.test("a Retry-After of 0, or in the past, is no reason to hurry", async () => {
  for (const retryAfter of ["0", "Sun, 06 Nov 1994 08:49:37 GMT"]) {
    const { engine, error } = await run({
      poll: (exchange) => exchange.respondJson(503, {}, { "retry-after": retryAfter }),
    }, { timeoutSeconds: 3 });
    assert.match(error!, /did not succeed within 3 s: .*answered 503/);
    assert.ok(engine.requests.poll.length <= 12, `${engine.requests.poll.length} requests`);
  }
});

Deno.test("a Retry-After date on a clock that is an hour ahead is a short pause", async () => {
  const ahead = (ms: number) => new Date(Date.now() + 3_600_000 + ms).toUTCString();
  const { engine, error } = await run({
    poll: (exchange, nth) =>
      nth === 0
        ? exchange.respondJson(429, {}, { "retry-after": ahead(1000), date: ahead(0) })
        : exchange.respondJson(200, success(`http://${exchange.request.headers.get("host")}/x`)),
  });
  assert.equal(error, undefined);
  assert.equal(engine.requests.poll.length, 2);
});

Deno.test("a large number as query_id is asked for as it is", async () => {
  for (const id of ["9007199254740993", "12345678901234567890123", "1e2", "7"]) {
    const { engine } = await run({
      submit: (exchange) => exchange.respond(200, {}, `{"query_id": ${id}}`),
    });
    assert.equal(engine.requests.poll[0]!.target, `/query/${id}`);
  }
});

Deno.test("numbers in the parameters are sent as they are written", async () => {
  const params = '[9007199254740993, 1.0, 1e400, -0, 0.10, "9007199254740993", null, true]';
  const { engine } = await run({}, { params });
  assert.match(
    engine.requests.submit[0]!.body,
    /"params":\[9007199254740993,1\.0,1e400,-0,0\.10,"9007199254740993",null,true\]/,
  );
});

Deno.test("a parameter that JSON can't hold is refused before anything is sent", async () => {
  for (const params of [[NaN], [1, Infinity], [{ a: [-Infinity] }], "{}", "[1,"]) {
    const { engine, error } = await run({}, { params });
    assert.match(error!, /which JSON can't hold|aren't a JSON array/);
    assert.equal(engine.requests.submit.length, 0);
  }
});

for (
  const body of [
    "<Error><Code>ExpiredToken</Code><Message>Invalid argument.</Message></Error>",
    "<Error><Code>InvalidRequest</Code><Message>Request has expired</Message></Error>",
  ]
) {
  Deno.test(`a results URL that answers 400 is renewed: ${body}`, async () => {
    const { engine } = await download((exchange, nth) =>
      nth === 0 ? exchange.respond(400, {}, body) : exchange.respond(200, {}, FILE)
    );
    assert.equal(engine.requests.poll.length, 2);
  });
}

Deno.test("a results URL that answers 400 for another reason isn't renewed", async () => {
  const { engine, error } = await run({
    download: (exchange) => exchange.respond(400, {}, "<Code>InvalidArgument</Code>"),
  });
  assert.match(error!, /answered 400; expected 200/);
  assert.equal(engine.requests.poll.length, 1);
});

Deno.test("a results URL is renewed again after it has brought something", async () => {
  const { engine } = await download(async (exchange, nth) => {
    // Refused, half of the file, refused, the other half.
    if (nth % 2 === 0) return await exchange.respond(403, {});
    if (nth === 1) {
      await exchange.head(200, { ...resumable, "content-length": String(FILE.length) });
      await exchange.write(FILE.subarray(0, HALF));
      return exchange.close();
    }
    await exchange.respond(206, {
      ...resumable,
      "content-range": `bytes ${HALF}-${FILE.length - 1}/${FILE.length}`,
    }, FILE.subarray(HALF));
  });
  assert.equal(engine.requests.poll.length, 3);
  assert.equal(engine.requests.download[3]!.headers.get("range"), `bytes=${HALF}-`);
});

Deno.test("a results URL that is refused right after it was renewed ends it", async () => {
  const { engine, error } = await run({ download: (exchange) => exchange.respond(403, {}) });
  assert.match(error!, /answered 403, and the fresh URL was refused too/);
  assert.equal(engine.requests.download.length, 2);
});

for (const coding of ["aws-chunked", "utf-8", "UTF-8", "binary", "", "none", "identity", "zstd"]) {
  Deno.test(`a plain file under the content coding "${coding}" is taken`, async () => {
    await download((exchange) => exchange.respond(200, { "content-encoding": coding }, FILE));
  });
}

Deno.test("a coded file is refused with its coding, by its bytes", async () => {
  const { error, engine } = await run({
    download: (exchange) =>
      exchange.respond(200, { "content-encoding": "zstd" }, "(\xb5/\xfdabcdef"),
  });
  assert.match(error!, /content coding, zstd, though none was asked for/);
  assert.equal(engine.requests.download.length, 1);
});

Deno.test("a redirect's raw UTF-8 is asked for as the same bytes", async () => {
  const { engine } = await download((exchange, nth) =>
    nth === 0
      ? exchange.respond(302, { location: "/résultats/ünï?name=日本&done=%C3%A9" })
      : exchange.respond(200, {}, FILE)
  );
  assert.equal(
    engine.requests.download[1]!.target,
    `/${encodeURIComponent("résultats")}/${encodeURIComponent("ünï")}?name=${
      encodeURIComponent("日本")
    }&done=%C3%A9`,
  );
});

Deno.test("a 206 that holds the whole file is taken", async () => {
  const whole = { "content-range": `bytes 0-${FILE.length - 1}/${FILE.length}` };
  await download((exchange) => exchange.respond(206, whole, FILE));
  // Also where the other half was asked for.
  const { engine } = await download(async (exchange, nth) => {
    if (nth > 0) return await exchange.respond(206, { ...resumable, ...whole }, FILE);
    await exchange.head(200, { ...resumable, "content-length": String(FILE.length) });
    await exchange.write(FILE.subarray(0, HALF));
    exchange.close();
  });
  assert.equal(engine.requests.download[1]!.headers.get("range"), `bytes=${HALF}-`);
  assert.equal(engine.requests.download.length, 2);
});

Deno.test("a 206 that holds a part that wasn't asked for isn't taken", async () => {
  for (const range of ["bytes 0-99/8192", "bytes 0-99/*", "bytes 1-8191/8192", ""]) {
    const { error } = await run({
      download: (exchange) =>
        exchange.respond(206, { "content-range": range }, FILE.subarray(0, 100)),
    });
    assert.match(error!, /answered another range than was asked for/);
  }
});

Deno.test("results that aren't ready yet (202) are asked for again", async () => {
  const { engine } = await download((exchange, nth) =>
    nth < 2 ? exchange.respond(202, { "retry-after": "1" }) : exchange.respond(200, {}, FILE)
  );
  assert.equal(engine.requests.download.length, 3);
});

Deno.test("an answer of the protocol that isn't ready yet (202) is asked for again", async () => {
  const { engine, error } = await run({
    submit: (exchange, nth) =>
      nth === 0
        ? exchange.respond(202, { "retry-after": "1" })
        : exchange.respondJson(202, { query_id: "q-1" }),
    poll: (exchange, nth) =>
      nth === 0
        ? exchange.respond(202, { "retry-after": "1" }, "{}")
        : exchange.respondJson(200, success(`http://${exchange.request.headers.get("host")}/x`)),
  });
  assert.equal(error, undefined);
  assert.equal(engine.requests.submit.length, 2);
  assert.equal(engine.requests.poll.length, 2);
});

Deno.test("credentials in a results URL are Basic authorization for its origin only", async () => {
  using other = new ScriptedEngine({}, FILE);
  const { engine } = await download(
    (exchange, nth) =>
      nth === 0
        ? exchange.respond(307, { location: "/moved" })
        : exchange.respond(307, { location: `${other.url}/elsewhere` }),
    {
      poll: (exchange) => {
        const host = exchange.request.headers.get("host");
        return exchange.respondJson(200, success(`http://us%40er:p%C3%A4ss@${host}/results`));
      },
    },
  );
  const basic = `Basic ${new TextEncoder().encode("us@er:päss").toBase64()}`;
  const sent = engine.requests.download.map(({ headers }) => headers.get("authorization"));
  assert.deepEqual(sent, [basic, basic]);
  const { headers } = other.requests.download[0]!;
  assert.equal(headers.get("authorization"), null);
  assert.equal(headers.get("x-query-signature"), null);
});

for (
  const status of ["failed", "ERROR", "cancelled", "canceled", "expired", "rejected", "timeout"]
) {
  Deno.test(`a query with the status ${status} has ended, and its detail is told`, async () => {
    const { engine, error } = await run({
      poll: (exchange) =>
        exchange.respondJson(200, { query_status: status, detail: "no such column: naem" }),
    });
    assert.match(error!, /no such column: naem/);
    assert.equal(engine.requests.poll.length, 1);
  });
}

Deno.test("a status that isn't known is pending", async () => {
  const { engine, error } = await run({
    poll: (exchange, nth) =>
      nth === 0
        ? exchange.respondJson(200, { query_status: "queued" })
        : exchange.respondJson(200, success(`http://${exchange.request.headers.get("host")}/x`)),
  });
  assert.equal(error, undefined);
  assert.equal(engine.requests.poll.length, 2);
});

Deno.test("a detail of any shape is told", async () => {
  const { error } = await run({
    submit: (exchange) => exchange.respondJson(400, { detail: { reason: "quota", left: 0 } }),
  });
  assert.match(error!, /answered 400: \{"reason":"quota","left":0\}/);
});
