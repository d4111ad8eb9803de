import assert from "node:assert/strict";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { gunzip, gzip } from "../../../../../tasks/lib/image/gzip/gzip.ts";

/** Three and a half blocks of what compresses in part. */
const BYTES = Uint8Array.from({ length: 14_680_064 }, (_, at) => at * at >> 7 ^ at);

async function compress(chunk: number, workers?: number, bytes = BYTES): Promise<Uint8Array> {
  function* chunks() {
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  return await new Response(gzip(ReadableStream.from(chunks()), { workers })).bytes();
}

function decompress(bytes: Uint8Array<ArrayBuffer>, limit: number): Promise<Uint8Array> {
  const options = { what: "It", limit };
  return new Response(gunzip(new Blob([bytes]).stream(), options)).bytes();
}

Deno.test("gzip gives back what went in", async () => {
  assert.ok(gunzipSync(await compress(100_000)).equals(BYTES));
});

Deno.test("gzip makes the same bytes however they arrive", async () => {
  assert.deepEqual(await compress(9999), await compress(2_000_000));
});

Deno.test("gzip makes the same bytes whatever the number of workers", async () => {
  const alone = await compress(1_000_000, 1);
  assert.deepEqual(await compress(1_000_000, 3), alone);
});

Deno.test("gzip is one member, which every reader takes", async () => {
  const stream = new Blob([new Uint8Array(await compress(1_000_000))]).stream();
  // The web's decompressor takes one member only.
  const read = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).bytes();
  assert.equal(read.length, BYTES.length);
});

for (const length of [0, 1, (4 << 20) - 1, 4 << 20, (4 << 20) + 1, 8 << 20]) {
  Deno.test(`gzip gives back ${length} bytes`, async () => {
    const bytes = BYTES.subarray(0, length);
    assert.ok(gunzipSync(await compress(1_000_000, undefined, bytes)).equals(bytes));
  });
}

Deno.test("any short input comes back", async () => {
  const words = fc.array(fc.constantFrom("ab", "abc", "\0\0\0", "xyzzy", "a"), { maxLength: 200 });
  await fc.assert(
    fc.asyncProperty(words, async (words) => {
      const bytes = new TextEncoder().encode(words.join(""));
      assert.ok(gunzipSync(await compress(100, undefined, bytes)).equals(bytes));
    }),
    { numRuns: 500 },
  );
});

Deno.test("gzip that is no longer wanted ends its workers", async () => {
  const reader = gzip(ReadableStream.from([BYTES])).getReader();
  for (let pieces = 0; pieces < 2; pieces++) await reader.read();
  // Workers that went on would keep this test from ending.
  await reader.cancel();
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
