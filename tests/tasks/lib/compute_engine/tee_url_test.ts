/** Which URLs of TEEs may get a job's signature. */

import assert from "node:assert/strict";
import { parseTeeUrl } from "../../../../tasks/lib/compute_engine/tee_url.ts";

const strict = { allowHttp: false, onLoopback: false };

Deno.test("a TEE's URL keeps its path, and gets a slash", () => {
  assert.equal(parseTeeUrl("https://tee.example/a?b#c", strict).href, "https://tee.example/a/");
});

Deno.test("plain http must be allowed", () => {
  assert.throws(() => parseTeeUrl("http://tee.example", strict), /would be sent unencrypted/);
  const { href } = parseTeeUrl("http://tee.example", { ...strict, allowHttp: true });
  assert.equal(href, "http://tee.example/");
});

Deno.test("plain http to this machine is for chains on this machine", () => {
  assert.throws(() => parseTeeUrl("http://127.0.0.1:80", strict), /would be sent unencrypted/);
  parseTeeUrl("http://127.0.0.1:80", { ...strict, onLoopback: true });
  const elsewhere = "http://tee.example";
  assert.throws(() => parseTeeUrl(elsewhere, { ...strict, onLoopback: true }), /unencrypted/);
});
