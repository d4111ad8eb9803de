/** How the tasks get along with RPCs that limit, fail and answer wrongly. */

import assert from "node:assert/strict";
import type { LocalChain } from "../../../support/evm.ts";
import {
  errorAnswer,
  type Fault,
  FaultyRpc,
  limitedTo,
  refuses,
} from "../../../support/faulty_rpc.ts";
import {
  runOnChain,
  SOME_INSTRUCTION,
  testApproved,
  testOnChain,
} from "../../../support/onchain.ts";
import type { Outcome } from "../../../support/run.ts";

const REVOKE = ["revoke", "1", "--dlp", "7", "--yes"];

/** Asks for a status by way of a proxy that does something wrong at least once. */
async function statusBy(chain: LocalChain, fault: Fault): Promise<Outcome> {
  await using rpc = new FaultyRpc(chain.url, fault);
  const outcome = await runOnChain(chain, ["status", "1", "--dlp", "7", "--rpc", rpc.url]);
  assert.ok(rpc.faults > 0, "the fault happened");
  return outcome;
}

const refusals: [name: string, refuse: () => Response][] = [
  ["HTTP 429", () => new Response("Too many requests", { status: 429 })],
  ["HTTP 403", () => new Response("Forbidden", { status: 403 })],
  ["code -32005", () => errorAnswer({ code: -32005, message: "limit exceeded" })],
  ["code -32007", () => errorAnswer({ code: -32007, message: "10/second request limit reached" })],
];

for (const [name, refuse] of refusals) {
  testOnChain(
    `a list of 60 instructions comes from an RPC of 10 requests a second, ${name}`,
    async (
      chain,
    ) => {
      for (let count = 0; count < 60; count++) await chain.add(SOME_INSTRUCTION);
      await chain.approve(60n);
      await using rpc = new FaultyRpc(chain.url, limitedTo(10, refuse));
      const { code, stdout, stderr } = await runOnChain(chain, [
        "status",
        "--dlp",
        "7",
        "--rpc",
        rpc.url,
      ]);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /approves 1 instruction of 60/);
      assert.ok(rpc.faults > 0, "some were refused");
      assert.ok(rpc.most <= 4, `${rpc.most} at a time`);
    },
  );
}

testApproved("an RPC that limits requests may say when to come back", async (chain) => {
  let refusedAt = 0;
  let again = 0;
  const headers = { "retry-after": "2" };
  const { code } = await statusBy(chain, () => {
    if (refusedAt > 0) {
      again ||= performance.now();
      return undefined;
    }
    refusedAt = performance.now();
    return new Response("", { status: 429, headers });
  });
  assert.equal(code, 0);
  assert.ok(again - refusedAt >= 2000, `asked again after ${again - refusedAt} ms`);
});

testApproved("an RPC that limits requests and wants an hour is given up at once", async (chain) => {
  const headers = { "retry-after": "3600" };
  const { code, stderr } = await statusBy(
    chain,
    () => new Response("Too many requests", { status: 429, headers }),
  );
  assert.equal(code, 2);
  assert.match(stderr, /limits requests and still refused after .*\(429: .*\)\. Try again later/);
});

testApproved("an RPC that refuses each request with 403 may need a key", async (chain) => {
  const headers = { "retry-after": "3600" };
  const { code, stderr } = await statusBy(
    chain,
    () => new Response("Forbidden", { status: 403, headers }),
  );
  assert.equal(code, 2);
  assert.match(stderr, /refuses requests \(HTTP 403: .*\): there were too many, or its URL needs/);
});

const answers: [name: string, answer: () => Response, message: RegExp][] = [
  [
    "a web page",
    () => new Response("<html>Welcome</html>", { headers: { "content-type": "text/html" } }),
    /gave an answer that isn't JSON-RPC \(it is a web page\); expected the URL of an Ethereum/,
  ],
  ["text", () => new Response("Welcome"), /gave an answer that isn't JSON-RPC/],
  ["nothing", () => new Response(""), /gave an answer that isn't JSON-RPC/],
  ["another object", () => Response.json({ hello: 1 }), /isn't JSON-RPC \(it has neither/],
  ["null", () => Response.json(null), /gave an answer that isn't JSON-RPC/],
  ["a list", () => Response.json([]), /gave an answer that isn't JSON-RPC/],
  ["no chain id", () => Response.json({ result: "banana" }), /gave an answer that isn't JSON-RPC/],
  [
    "a redirect",
    () => new Response("", { status: 308, headers: { location: "http://127.0.0.1:9/" } }),
    /redirects to another URL \(HTTP 308\); expected the RPC's own URL/,
  ],
  ["an outage", () => new Response("Bad gateway", { status: 502 }), /answers HTTP 502/],
  [
    "an error with terminal codes",
    () => errorAnswer({ code: -32000, message: "\x1b[2Jno \u202esuch thing" }),
    /refused: \\u\{1b\}\[2Jno \\u\{202e\}such thing$/m,
  ],
];

for (const [name, answer, message] of answers) {
  testApproved(`an RPC that answers with ${name} is told from others`, async (chain) => {
    const { code, stderr } = await statusBy(chain, answer);
    assert.equal(code, 2);
    assert.match(stderr, /^error: The RPC http:\/\/127\.0\.0\.1:\d+ /);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /^ +at /m, "a stack was shown");
  });
}

testApproved("an RPC that fails once is asked again", async (chain) => {
  let calls = 0;
  const fault: Fault = () =>
    ++calls === 2 ? new Response("Bad gateway", { status: 502 }) : undefined;
  assert.equal((await statusBy(chain, fault)).code, 0);
});

testApproved("an RPC's error shows no credential of its URL's path", async (chain) => {
  const secret = "s3cr3t-api-key";
  await using rpc = new FaultyRpc(
    chain.url,
    () => errorAnswer({ code: -32000, message: `The key ${secret} is blocked` }),
  );
  const url = `${rpc.url}/v2/${secret}/rpc`;
  const { stderr } = await runOnChain(chain, ["status", "1", "--dlp", "7", "--rpc", url]);
  assert.match(stderr, /refused: The key \.\.\. is blocked/);
  assert.ok(!stderr.includes(secret), stderr);
});

testApproved("revoke by an RPC without a pending tag warns, and is sent once", async (chain) => {
  await using rpc = new FaultyRpc(
    chain.url,
    refuses(({ params }) => params?.[1] === "pending", {
      code: -32602,
      message: "pending block is not supported",
    }),
  );
  const { code, stderr } = await runOnChain(chain, [...REVOKE, "--rpc", rpc.url], {
    as: chain.owner,
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /warning: This RPC doesn't say whether an earlier transaction/);
  assert.ok(rpc.faults > 0);
  assert.equal(await chain.isApproved(1n), false);
  assert.equal(await chain.sentBy(chain.owner), 2);
});

testApproved("revoke that the RPC refuses for too many requests is sent later, once", async (
  chain,
) => {
  let refused = 0;
  await using rpc = new FaultyRpc(chain.url, ({ method }) => {
    if (method !== "eth_sendRawTransaction" || refused++ > 0) return undefined;
    return new Response("Too many requests", { status: 429 });
  });
  const { code, stderr } = await runOnChain(chain, [...REVOKE, "--rpc", rpc.url], {
    as: chain.owner,
  });
  assert.equal(code, 0, stderr);
  assert.equal(rpc.faults, 1);
  assert.equal(await chain.sentBy(chain.owner), 2);
});

testApproved("revoke by an RPC that finds an internal error isn't told as the contract's", async (
  chain,
) => {
  await using rpc = new FaultyRpc(
    chain.url,
    refuses(({ method }) => method === "eth_call", { code: -32603, message: "disk full" }),
  );
  const { code, stderr } = await runOnChain(chain, [...REVOKE, "--rpc", rpc.url], {
    as: chain.owner,
  });
  assert.equal(code, 1);
  assert.match(stderr, /The RPC .* refused: disk full/);
});

testApproved("an RPC of this machine is asked without the proxy", async (chain) => {
  let seen = 0;
  await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    seen++;
    return Response.json({ jsonrpc: "2.0", id: 1, result: "0x39d0" });
  });
  const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.addr.port}` };
  const { code, stderr } = await runOnChain(chain, ["status", "1", "--dlp", "7"], { env });
  assert.equal(code, 0, stderr);
  assert.equal(seen, 0);
});
