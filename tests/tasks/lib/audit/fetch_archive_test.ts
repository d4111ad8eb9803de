import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  fetchArchive,
  type FetchedArchive,
  type FetchOptions,
} from "../../../../tasks/lib/audit/fetch_archive.ts";
import { hashBytes } from "../../../../tasks/lib/hash.ts";
import { ARCHIVE_LIMITS } from "../../../../tasks/lib/image/archive.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { goodParts, makeArchive } from "../../../support/test_image.ts";

/** Fetches an archive into a folder that is gone afterwards. */
async function fetched(url: string, options: Partial<FetchOptions> = {}): Promise<FetchedArchive> {
  using folder = new TemporaryFolder({ prefix: "fetch-test-" });
  return await fetchArchive(url, {
    path: folder.join("archive"),
    allowHttp: true,
    reach: "typed",
    ...options,
  });
}

/** Serves an archive's gzip with a header by which `fetch` decodes it. */
function serveEncoded(archive: Uint8Array<ArrayBuffer>) {
  return serve(() => new Response(archive, { headers: { "content-encoding": "gzip" } }));
}

Deno.test("an archive sent with Content-Encoding: gzip has the SHA-256 of the stored file", async () => {
  const archive = new Uint8Array(gzipSync(makeArchive(goodParts())));
  await using server = serveEncoded(archive);
  const { sha256, note } = await fetched(server.url, { expected: hashBytes(archive) });
  assert.equal(sha256, hashBytes(archive));
  assert.match(note!, /sends the file with Content-Encoding: gzip/);
});

Deno.test("a tar that is compressed only on its way has its own SHA-256", async () => {
  const archive = makeArchive(goodParts());
  await using server = serveEncoded(new Uint8Array(gzipSync(archive)));
  const { sha256 } = await fetched(server.url, { expected: hashBytes(archive) });
  assert.equal(sha256, hashBytes(archive));
});

Deno.test("a URL that answers 503 is asked again", async () => {
  let busy = 2;
  const headers = { "retry-after": "0" };
  await using server = serve(() =>
    busy-- > 0
      ? new Response("busy", { status: 503, headers })
      : new Response(makeArchive(goodParts()))
  );
  assert.equal((await fetched(server.url)).sha256, hashBytes(makeArchive(goodParts())));
});

Deno.test("a URL that isn't https is refused", async () => {
  const options = { allowHttp: false };
  await assert.rejects(fetched("http://127.0.0.1:9/a", options), /127\.0\.0\.1:9\/a is not https/);
});

Deno.test("http is admitted on this machine only", async () => {
  await assert.rejects(
    fetched("http://example.org/a"),
    /example\.org\/a is not https/,
  );
});

Deno.test("a URL that redirects to http elsewhere is refused", async () => {
  await using server = serve(() => Response.redirect("http://example.org/a?secret=1", 302));
  await assert.rejects(fetched(server.url), (error: Error) => {
    assert.match(error.message, /http:\/\/example\.org\/a is not https/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

Deno.test("a URL that redirects to itself is refused", async () => {
  await using server = serve((request) => Response.redirect(request.url, 302));
  await assert.rejects(fetched(server.url), /redirects more than 5 times/);
});

Deno.test("a URL that answers with a web page is refused", async () => {
  await using server = serve(() =>
    new Response("<html>", { headers: { "content-type": "text/html; charset=utf-8" } })
  );
  await assert.rejects(fetched(server.url), /answers with a web page/);
});

Deno.test("a URL that answers with an error is refused", async () => {
  await using server = serve(() => new Response("gone", { status: 410 }));
  await assert.rejects(fetched(server.url), /answers 410; expected the archive/);
});

Deno.test("a URL that announces too much is refused", async () => {
  await using server = serve(() =>
    new Response(new ReadableStream({ start() {} }), {
      headers: { "content-length": String(ARCHIVE_LIMITS.fileBytes + 1) },
    })
  );
  await assert.rejects(fetched(server.url), /sends more than \d+ bytes/);
});

Deno.test("a URL where nobody listens is named, without its query", async () => {
  const url = "http://127.0.0.1:9/a?secret=1";
  await assert.rejects(fetched(url), (error: Error) => {
    assert.match(error.message, /127\.0\.0\.1:9\/a can't be reached/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

function serve(handler: (request: Request) => Response): AsyncDisposable & { url: string } {
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno.serve(options, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}/job.tar.gz`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}
