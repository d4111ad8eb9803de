/** What a server sends is bounded. */

import assert from "node:assert/strict";
import { readBody } from "../../../../tasks/lib/http/http.ts";

Deno.test("a body that trickles for ever is cut off, although it never stalls", async (t) => {
  const { now } = performance;
  let passed = 0;
  performance.now = () => now.call(performance) + passed;
  try {
    for (const [limit, minutes] of [[1000, 1], [2 ** 29, 141]] as const) {
      await t.step(`at a limit of ${limit} bytes`, async () => {
        passed = 0;
        const response = new Response(
          new ReadableStream({
            pull(controller) {
              passed += 20_000;
              controller.enqueue(new Uint8Array(1));
            },
          }),
        );
        const url = new URL("https://example.com/a");
        const answer = { url, shown: "It", sent: {}, addresses: [], response };
        await assert.rejects(
          new Response(readBody(answer, limit)).bytes(),
          new RegExp(`sent \\d+ bytes in ${minutes} min, and no end came`),
        );
        assert.equal(Math.floor(passed / 60_000), minutes);
      });
    }
  } finally {
    performance.now = now;
  }
});
