import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import { gunzip, gzip } from "../../tasks/lib/image/gzip.ts";

/** Three and a half blocks of what compresses in part. */
const BYTES = Uint8Array.from({ length: 3_670_016 }, (_, at) => at * at >> 7 ^ at);

async function compress(chunk: number): Promise<Uint8Array> {
  function* chunks() {
    for (let at = 0; at < BYTES.length; at += chunk) yield BYTES.subarray(at, at + chunk);
  }
  return await new Response(gzip(ReadableStream.from(chunks()))).bytes();
}

function decompress(bytes: Uint8Array<ArrayBuffer>, limit: number): Promise<Uint8Array> {
  const options = { what: "It", limit };
  return new Response(gunzip(new Blob([bytes]).stream(), options)).bytes();
}

Deno.test("gzip gives back what went in", async () => {
  assert.ok(gunzipSync(await compress(100_000)).equals(BYTES));
});

Deno.test("gzip makes the same bytes however they arrive", async () => {
  assert.deepEqual(await compress(999), await compress(2_000_000));
});

Deno.test("gunzip stops where it goes over the limit", async () => {
  const zeros = new Uint8Array(gzipSync(new Uint8Array(2_000_000)));
  await assert.rejects(decompress(zeros, 1_999_999), /It decompresses to more than 1999999 bytes/);
  assert.equal((await decompress(zeros, 2_000_000)).length, 2_000_000);
});

Deno.test("gunzip refuses a gzip that is cut short", async () => {
  const cut = new Uint8Array(gzipSync(BYTES).subarray(0, -9));
  await assert.rejects(decompress(cut, BYTES.length), /It is damaged or cut short/);
});
