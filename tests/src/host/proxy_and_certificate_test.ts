/** The way to the Query Engine: proxies and certificates that the environment names. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { proxyFor } from "../../../src/host/proxy.ts";
import { hasProgram } from "../../support/artifacts.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { productionEnv, TestEngine } from "../../support/engine.ts";
import { Mounts } from "../../support/mounts.ts";
import { spawnRelay } from "../../support/relay.ts";
import { outcomeOf } from "../../support/run.ts";
import { serveWire } from "../../../tasks/lib/engine/wire.ts";

async function runAgainst(mounts: Mounts, url: string, env: Record<string, string>) {
  return await outcomeOf(
    spawnRelay({
      ...await productionEnv(mounts, url),
      // Long enough to tell an error at once from one after many attempts.
      QUERY_TIMEOUT_SECONDS: "150",
      ...env,
    }),
  );
}

/** A proxy that answers every request with a status, and remembers it. */
function startProxy(status: number) {
  const seen: string[] = [];
  const { origin, close } = serveWire({
    port: 0,
    handle(exchange) {
      seen.push(exchange.request.target);
      return exchange.respond(status, {});
    },
  });
  return { origin, seen, [Symbol.dispose]: close };
}

Deno.test("a request to this machine itself never goes through a proxy", async () => {
  for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY"]) {
    using mounts = new Mounts();
    using proxy = startProxy(502);
    await using engine = new TestEngine();
    const env = { [name]: proxy.origin, no_proxy: "example.com" };
    const { code, stderr } = await runAgainst(mounts, engine.url, env);
    assert.equal(code, 0, stderr);
    assert.deepEqual(proxy.seen, []);
  }
});

Deno.test("a proxy that refuses connections is named at once, without its credentials", async () => {
  using mounts = new Mounts();
  const { code, stderr } = await runAgainst(mounts, "https://engine.example.com", {
    HTTPS_PROXY: "http://user:secret@127.0.0.1:9",
  });
  assert.equal(code, 2);
  assert.match(
    stderr,
    /engine\.example\.com can't be reached through the proxy http:\/\/127\.0\.0\.1:9\/ \(HTTPS_PROXY\)/,
  );
  assert.ok(!stderr.includes("secret"));
});

for (const status of [403, 407, 502]) {
  Deno.test(`a proxy that answers ${status} is named at once`, async () => {
    using mounts = new Mounts();
    using proxy = startProxy(status);
    const { code, stderr } = await runAgainst(mounts, "https://engine.example.com", {
      https_proxy: proxy.origin,
    });
    assert.equal(code, 2);
    assert.match(stderr, /can't be reached through the proxy http:.* \(https_proxy\): /);
    assert.deepEqual(proxy.seen, ["engine.example.com:443"]);
  });
}

Deno.test("which proxy a URL goes through", () => {
  const of = (url: string, env: Record<string, string>) =>
    proxyFor(new URL(url), (name) => env[name]);
  const env = {
    HTTPS_PROXY: "http://proxy:3128",
    HTTP_PROXY: "proxy:8080",
    NO_PROXY: "a.org, .b.org",
  };
  assert.equal(of("https://x.org/", env), "http://proxy:3128/ (HTTPS_PROXY)");
  assert.equal(of("http://x.org/", env), "http://proxy:8080/ (HTTP_PROXY)");
  assert.equal(
    of("https://x.org/", { ...env, all_proxy: "socks5://u:p@s:1" }),
    "socks5://s:1 (all_proxy)",
  );
  for (const host of ["a.org", "www.a.org", "b.org", "127.0.0.1", "localhost"]) {
    assert.equal(of(`https://${host}/`, env), undefined, host);
  }
  assert.equal(of("https://x.org/", { HTTPS_PROXY: "" }), undefined);
  assert.equal(of("https://x.org/", { ...env, NO_PROXY: "*" }), undefined);
});

Deno.test({
  name: "a certificate that isn't trusted is reported at once, and DENO_CERT makes it trusted",
  ignore: !hasProgram("openssl"),
  async fn() {
    using mounts = new Mounts();
    await makeCertificate(mounts.root, "IP:127.0.0.1");
    await using server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      cert: Deno.readTextFileSync(join(mounts.root, "cert.pem")),
      key: Deno.readTextFileSync(join(mounts.root, "key.pem")),
      onListen() {},
    }, () => Response.json({ detail: "Reached" }, { status: 400 }));
    const url = `https://127.0.0.1:${server.addr.port}`;
    const untrusted = await runAgainst(mounts, url, {});
    assert.equal(untrusted.code, 2);
    assert.match(
      untrusted.stderr,
      /No secure connection to 127\.0\.0\.1: .*UnknownIssuer; .*DENO_CERT/,
    );
    const trusted = await runAgainst(mounts, url, { DENO_CERT: join(mounts.root, "ca.pem") });
    assert.match(trusted.stderr, /answered 400: Reached/);
  },
});

Deno.test("a server that doesn't speak TLS is reported at once", async () => {
  using mounts = new Mounts();
  await using plain = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => new Response(),
  );
  const { code, stderr } = await runAgainst(mounts, `https://127.0.0.1:${plain.addr.port}`, {});
  assert.equal(code, 2);
  assert.match(stderr, /No secure connection to 127\.0\.0\.1: /);
});
