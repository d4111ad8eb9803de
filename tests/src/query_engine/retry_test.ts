/** When and how often is tried again. */

import assert from "node:assert/strict";
import {
  isTransient,
  retry,
  retryAfterMs,
  type RetryOptions,
  Transient,
} from "../../../src/query_engine/retry.ts";

const SECOND = 1000;

function waitFor(retryAfter: string, date?: string): number | undefined {
  return retryAfterMs(new Headers({ "retry-after": retryAfter, ...(date ? { date } : {}) }));
}

const httpDate = (offsetMs: number) => new Date(Date.now() + offsetMs).toUTCString();

Deno.test("Retry-After in seconds", () => {
  assert.equal(waitFor("2"), 2 * SECOND);
  assert.equal(waitFor(" 2 "), 2 * SECOND);
  assert.equal(waitFor("1.5"), 1.5 * SECOND);
  assert.equal(waitFor("0"), 0);
});

Deno.test("a Retry-After date is read on the server's own clock", () => {
  const hour = 3600 * SECOND;
  assert.equal(waitFor(httpDate(hour + 3 * SECOND), httpDate(hour)), 3 * SECOND);
  assert.equal(waitFor(httpDate(-hour + 3 * SECOND), httpDate(-hour)), 3 * SECOND);
  assert.equal(waitFor(httpDate(hour), httpDate(0)), hour);
});

Deno.test("a Retry-After date in the past asks for no pause", () => {
  assert.equal(waitFor(httpDate(-60 * SECOND), httpDate(0)), 0);
  assert.equal(waitFor(httpDate(-60 * SECOND)), 0);
});

Deno.test("without the server's clock only a near date is believed", () => {
  const wait = waitFor(httpDate(10 * SECOND))!;
  assert.ok(wait > 5 * SECOND && wait <= 10 * SECOND);
  assert.equal(waitFor(httpDate(3600 * SECOND)), undefined);
});

Deno.test("each of HTTP's three date formats is read as UTC", () => {
  const date = "Sun, 06 Nov 1994 08:49:30 GMT";
  for (
    const later of [
      "Sun, 06 Nov 1994 08:49:37 GMT",
      "Sunday, 06-Nov-94 08:49:37 GMT",
      "Sun Nov  6 08:49:37 1994",
    ]
  ) assert.equal(waitFor(later, date), 7 * SECOND, later);
});

Deno.test("a Retry-After that isn't one is ignored", () => {
  for (const text of ["", "soon", "-5", "5 s", "2026-11-25", "0x10", "1e3"]) {
    assert.equal(waitFor(text), undefined, text);
  }
});

Deno.test("5xx pass but for those that say the request will never be served", () => {
  const passing = [408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 524, 530, 599];
  assert.deepEqual(passing.filter((status) => !isTransient(status)), []);
  assert.deepEqual([200, 302, 400, 401, 404, 409, 501, 505, 511].filter(isTransient), []);
});

/** Fails as told, then succeeds; returns the pauses and what it ended with. */
async function attemptAll(faults: Transient[], options: Partial<RetryOptions> = {}) {
  const pauses: number[] = [];
  let nth = 0;
  const end = await retry(
    () => nth < faults.length ? Promise.reject(faults[nth++]) : Promise.resolve("done"),
    {
      attempts: 5,
      onRetry: (_, pauseMs) => pauses.push(pauseMs),
      giveUp: ({ message }, reason) => new Error(`${reason}: ${message}`),
      ...options,
    },
  ).catch(({ message }) => message);
  return { end, pauses };
}

Deno.test("pauses grow, and a Retry-After of 0 doesn't shorten them", async () => {
  const fault = () => new Transient("busy", { retryAfterMs: 0 });
  const { end, pauses } = await attemptAll([fault(), fault(), fault()]);
  assert.equal(end, "done");
  for (const [nth, least] of [125, 250, 500].entries()) {
    assert.ok(pauses[nth]! >= least && pauses[nth]! <= 2 * least, `${pauses}`);
  }
});

Deno.test("attempts that bring nothing are counted in a row", async () => {
  const faults = Array.from({ length: 9 }, () => new Transient("cut"));
  assert.equal((await attemptAll(faults, { attempts: 3 })).end, "attempts: cut");
  let bytes = 0;
  const { end } = await attemptAll(faults.slice(0, 4), { attempts: 2, progress: () => bytes++ });
  assert.equal(end, "done");
});

Deno.test("a pause past the deadline, or longer than can be waited, ends it at once", async () => {
  const fault = new Transient("busy", { retryAfterMs: 60_000 });
  const deadline = performance.now() + 30_000;
  assert.equal((await attemptAll([fault], { deadline })).end, "pause: busy");
  assert.equal((await attemptAll([fault], { longestPauseMs: 30_000 })).end, "pause: busy");
});

Deno.test("the time before the deadline is used, and not overrun", async () => {
  const faults = Array.from({ length: 99 }, () => new Transient("down"));
  const started = performance.now();
  const { end, pauses } = await attemptAll(faults, {
    attempts: Infinity,
    deadline: started + 2000,
  });
  assert.equal(end, "time: down");
  assert.ok(pauses.length >= 4 && pauses.length <= 12, `${pauses}`);
  assert.ok(pauses.reduce((sum, pause) => sum + pause) < 2000);
});

Deno.test("what isn't transient is thrown as it is", async () => {
  const error = new Error("broken");
  await assert.rejects(
    retry(() => Promise.reject(error), { attempts: 5, onRetry() {}, giveUp: () => new Error() }),
    (thrown) => thrown === error,
  );
});
