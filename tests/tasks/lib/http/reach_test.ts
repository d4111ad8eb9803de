/** Which addresses the URL of a stranger may lead to. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { get, readBody } from "../../../../tasks/lib/http/http.ts";
import { AddressGuard } from "../../../../tasks/lib/http/reach.ts";
import { hasProgram } from "../../../support/artifacts.ts";
import { makeCertificate } from "../../../support/certificate.ts";
import { outcomeOf, spawnDeno } from "../../../support/run.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";

const PRIVATE = [
  "127.0.0.1",
  "127.9.9.9",
  "0.0.0.0",
  "10.0.0.1",
  "172.31.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "168.63.129.16",
  "192.0.0.192",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "2130706433",
  "0x7f.1",
  "[::]",
  "[::1]",
  "[::127.0.0.1]",
  "[::ffff:10.0.0.1]",
  "[::ffff:0:10.0.0.1]",
  "[64:ff9b::10.0.0.1]",
  "[64:ff9b:1::10.0.0.1]",
  "[2002:7f00:1::]",
  "[2001:0:1::1]",
  "[fe80::1]",
  "[fec0::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "[4000::1]",
  "localhost",
  "localhost.",
];

for (const host of PRIVATE) {
  Deno.test(`a stranger's URL doesn't lead to ${host}`, async () => {
    const url = new URL(`https://${host}/archive`);
    await assert.rejects(new AddressGuard("public").check(url), /isn't on the public internet/);
  });
}

Deno.test("a stranger's URL leads to public addresses", async () => {
  const hosts = [
    "8.8.8.8",
    "172.32.0.1",
    "[2606:4700::1111]",
    "[::ffff:8.8.8.8]",
    "[64:ff9b::808:808]",
  ];
  for (const host of hosts) {
    const addresses = await new AddressGuard("public").check(new URL(`https://${host}/`));
    assert.equal(addresses.length, 1, host);
  }
});

Deno.test("a stranger's URL leads to this machine where the chain is on it, but no further", async () => {
  const guard = new AddressGuard("loopback");
  assert.deepEqual(await guard.check(new URL("http://127.0.0.1:8000/")), ["127.0.0.1"]);
  await assert.rejects(guard.check(new URL("https://10.0.0.1/")), /10\.0\.0\.1.*private/);
});

Deno.test("a URL that a person typed leads anywhere; its redirects stay on networks of its kind", async () => {
  const guard = new AddressGuard("typed");
  await guard.check(new URL("https://10.0.0.1/"));
  assert.deepEqual(await guard.check(new URL("https://192.168.0.1/")), ["192.168.0.1"]);
  await assert.rejects(guard.check(new URL("https://127.0.0.1/")), /loopback/);
  await assert.rejects(guard.check(new URL("https://169.254.169.254/")), /linkLocal/);
});

/** A server on loopback that redirects to what its path says. */
function startRedirects() {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ url }) => {
      const { pathname } = new URL(url);
      if (pathname === "/end") return new Response("the end");
      return new Response(null, {
        status: 302,
        headers: { location: decodeURIComponent(pathname.slice(1)) },
      });
    },
  );
  const { port } = server.addr;
  return {
    port,
    urlTo: (target: string) => new URL(`http://127.0.0.1:${port}/${encodeURIComponent(target)}`),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("a stranger's name that doesn't resolve isn't left to fetch, but to a proxy", async () => {
  const url = new URL("https://nothing.invalid/");
  await assert.rejects(new AddressGuard("public").check(url), /doesn't resolve/);
  Deno.env.set("HTTPS_PROXY", "http://127.0.0.1:9");
  try {
    assert.deepEqual(await new AddressGuard("public").check(url), []);
    await assert.rejects(new AddressGuard("public").check(new URL("https://localhost./")));
  } finally {
    Deno.env.delete("HTTPS_PROXY");
  }
});

Deno.test("a redirect is followed to admitted addresses only", async () => {
  await using server = startRedirects();
  for (const reach of ["loopback", "typed"] as const) {
    const guard = new AddressGuard(reach);
    const url = server.urlTo(`https://0.0.0.0:${server.port}/`);
    await assert.rejects(get(url, { allowHttp: true, guard }), /leads to 0\.0\.0\.0, an address/);
  }
  const answer = await get(server.urlTo("/end"), {
    allowHttp: true,
    guard: new AddressGuard("loopback"),
  });
  assert.equal(await new Response(readBody(answer, 100)).text(), "the end");
});

Deno.test({
  name: "a connection goes to the address that was checked, whatever the name resolves to later",
  ignore: !hasProgram("openssl"),
  async fn() {
    using folder = new TemporaryFolder({ prefix: "certificate-" });
    await makeCertificate(folder.path, "DNS:archive.example");
    const size = 5_000_000;
    const hosts: string[] = [];
    await using server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      cert: Deno.readTextFileSync(join(folder.path, "cert.pem")),
      key: Deno.readTextFileSync(join(folder.path, "key.pem")),
      onListen() {},
    }, ({ url }) => {
      hosts.push(new URL(url).hostname);
      return new Response(new Uint8Array(size));
    });
    const { port } = server.addr;
    const fetchPinned = (host: string) =>
      outcomeOf(spawnDeno(
        ["run", "-A", "tests/support/fetch_pinned.ts", `https://${host}:${port}/`, "127.0.0.1"],
        { DENO_CERT: folder.join("ca.pem"), NO_PROXY: "*" },
      ));
    const { stdout, stderr } = await fetchPinned("archive.example");
    assert.equal(stdout, `200 ${size}\n`, stderr);
    assert.deepEqual(hosts, ["archive.example"]);
    // TLS is between fetch and the server: the certificate is for the name in the URL.
    assert.match((await fetchPinned("other.example")).stderr, /not valid for name/);
  },
});

Deno.test({
  name: "a file's own bytes come from the address that was checked, too",
  ignore: !hasProgram("openssl"),
  async fn() {
    using folder = new TemporaryFolder({ prefix: "certificate-" });
    await makeCertificate(folder.path, "DNS:archive.example");
    const file = new Uint8Array(gzipSync(new Uint8Array(5000)));
    const asked: string[] = [];
    await using server = Deno.serve({
      hostname: "127.0.0.1",
      port: 0,
      cert: Deno.readTextFileSync(join(folder.path, "cert.pem")),
      key: Deno.readTextFileSync(join(folder.path, "key.pem")),
      onListen() {},
    }, ({ url }) => {
      asked.push(url);
      return new Response(file, { headers: { "content-encoding": "gzip" } });
    });
    const { port } = server.addr;
    const getAt = async (host: string, env: Record<string, string> = {}) => {
      const { stdout, stderr } = await outcomeOf(spawnDeno(
        [
          "run",
          "-A",
          "tests/support/get_undecoded.ts",
          `https://${host}:${port}//0.0.0.0/?a`,
          "127.0.0.1",
        ],
        { DENO_CERT: folder.join("ca.pem"), NO_PROXY: "*", ...env },
      ));
      return stdout.trim() || stderr;
    };
    assert.equal(await getAt("archive.example"), String(file.length));
    assert.deepEqual(asked, [`https://archive.example:${port}//0.0.0.0/?a`]);
    // TLS is still for the name in the URL, and a proxy isn't gone around.
    assert.equal(await getAt("other.example"), "undefined");
    const proxied = { HTTPS_PROXY: "http://127.0.0.1:9", NO_PROXY: "" };
    assert.equal(
      await getAt("archive.example", proxied),
      "undefined",
    );
    assert.equal(asked.length, 1);
  },
});
