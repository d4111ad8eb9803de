import assert from "node:assert/strict";
import { TestWorkbench } from "../../../support/workbench.ts";
import { TOKEN_HEADER } from "../../../../tasks/lib/workbench/wire.ts";

/** Sends a raw request, with headers that fetch doesn't let through, and returns the answer. */
async function sendRaw(workbench: TestWorkbench, lines: string[]): Promise<string> {
  const { port } = new URL(workbench.origin);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
  const request = [...lines, "Connection: close", "", ""].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("the workbench's guard", async (t) => {
  await using workbench = await TestWorkbench.start();
  const { origin, token } = workbench;
  const host = `Host: ${new URL(origin).host}`;
  const withToken = `${TOKEN_HEADER}: ${token}`;

  for (const given of [undefined, "", "wrong", token.slice(1), `${token}x`]) {
    await t.step(
      `the token ${given === undefined ? "left out" : `"${given.length}"`} gets nothing`,
      async () => {
        for (
          const [path, method] of [["events", "GET"], ["rows", "POST"], ["query", "POST"], [
            "use-query",
            "POST",
          ]]
        ) {
          const response = await fetch(`${origin}/api/${path}`, {
            method,
            body: method === "POST" ? "{}" : undefined,
            headers: given === undefined ? {} : { [TOKEN_HEADER]: given },
          });
          assert.equal(response.status, 401);
          assert.match(
            await response.text(),
            /^\{"error":"The token is missing or wrong; open the address/,
          );
        }
      },
    );
  }

  for (const name of ["example.com", "127.0.0.1", "127.0.0.1:1", "localhost.example.com", ""]) {
    await t.step(`the Host "${name}" gets nothing`, async () => {
      for (const path of ["/", "/page.js", "/api/events"]) {
        const answer = await sendRaw(workbench, [
          `GET ${path} HTTP/1.1`,
          `Host: ${name}`,
          withToken,
        ]);
        assert.match(answer, /^HTTP\/1\.1 (403|400)/);
        assert.doesNotMatch(answer, /users|<html/);
      }
    });
  }

  for (
    const line of [
      "Origin: http://example.com",
      "Origin: null",
      "Origin: http://127.0.0.1:1",
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Site: same-site",
    ]
  ) {
    await t.step(`a request with "${line}" gets nothing`, async () => {
      const answer = await sendRaw(workbench, ["GET /api/nothing HTTP/1.1", host, withToken, line]);
      assert.match(answer, /^HTTP\/1\.1 403/);
    });
  }

  await t.step("a link from elsewhere leads to the page, which holds no data", async () => {
    const answer = await sendRaw(workbench, [
      "GET /data HTTP/1.1",
      host,
      "Sec-Fetch-Site: cross-site",
      "Sec-Fetch-Mode: navigate",
      "Sec-Fetch-Dest: document",
    ]);
    assert.match(answer, /^HTTP\/1\.1 200/);
    assert.doesNotMatch(answer, new RegExp(token));
  });

  await t.step("the page's policy runs and loads the page's own files only", async () => {
    const response = await fetch(`${origin}/query`);
    const policy = response.headers.get("content-security-policy")!;
    assert.match(
      policy,
      /^default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w-]+' 'sha256-/,
    );
    assert.doesNotMatch(policy, /unsafe|https?:|\*/);
    assert.match(policy, /frame-ancestors 'none'$/);
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.doesNotMatch(await response.text(), /<script(?! type="module" src="\/page\.js")/);
  });

  await t.step("each load of the page has a nonce of its own", async () => {
    const policies = await Promise.all([1, 2].map(async () => {
      const { headers, body } = await fetch(origin);
      await body?.cancel();
      return headers.get("content-security-policy");
    }));
    assert.notEqual(policies[0], policies[1]);
  });

  await t.step("other pages can't load its files", async () => {
    const { headers, body } = await fetch(`${origin}/page.js`);
    await body?.cancel();
    assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
    assert.equal(headers.get("access-control-allow-origin"), null);
  });

  await t.step("the page is under 300 kB compressed", async () => {
    let bytes = 0;
    for (const path of ["/", "/page.js", "/page.css"]) {
      const answer = await sendRaw(workbench, [
        `GET ${path} HTTP/1.1`,
        host,
        "Accept-Encoding: gzip",
      ]);
      bytes += answer.length;
    }
    assert.ok(bytes > 100_000 && bytes < 300_000, `${bytes} bytes`);
  });
});
