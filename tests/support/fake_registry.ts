/**
 * A registry for tests that can do what a real one does rarely, or should never do.
 *
 * @module
 */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { CACHE } from "../../tasks/lib/project.ts";

/** What the registry does. */
export interface FakeRegistryOptions {
  /** A request needs a token; each token that it gives is good for this many requests. */
  tokenUses?: number;
  /** How it asks for a token, if not as Docker Hub does. */
  challenge?(host: string): string;
  /** It sends clients to another server for the layer. */
  blobsElsewhere?: boolean;
  /** The layer's last byte is changed. */
  tamper?: boolean;
  /** The config has another digest for the layer. */
  wrongDiffId?: boolean;
  /** The image's machine. */
  architecture?: string;
  /** The first requests for the layer are answered with these. */
  busy?: (() => Response)[];
  /** The layer is sent with `Content-Encoding: gzip`. */
  encoded?: boolean;
}

/** A registry with one image, which ends at the end of the `await using` block. */
export class FakeRegistry implements AsyncDisposable {
  readonly host: string;
  readonly manifestDigest: string;
  readonly indexDigest: string;
  /** The credentials that the other server was sent. */
  readonly tokensSeenElsewhere: (string | null)[] = [];
  readonly #documents = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #options: FakeRegistryOptions;
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  readonly #layer: string;
  /** How many tokens were given. */
  tokens = 0;
  #usesLeft = 0;

  /** Starts it, with an image that no other one has. */
  constructor(options: FakeRegistryOptions = {}) {
    this.#options = options;
    // A layer of its own each time, so that no test finds another's in the cache.
    const tar = new Uint8Array(10_240);
    crypto.getRandomValues(tar.subarray(0, 512));
    const diffId = digestOf(options.wrongDiffId ? new Uint8Array(1) : tar);
    this.#layer = this.#add(new Uint8Array(gzipSync(tar)));
    const config = this.#add({
      os: "linux",
      architecture: options.architecture ?? "amd64",
      rootfs: { type: "layers", diff_ids: [diffId] },
    });
    this.manifestDigest = this.#add({
      config: { digest: config, size: 1 },
      layers: [{ digest: this.#layer, size: 1 }],
    });
    this.indexDigest = this.#add({
      manifests: ["arm64", "amd64"].map((architecture) => ({
        digest: architecture === "amd64" ? this.manifestDigest : config,
        size: 1,
        platform: { os: "linux", architecture },
      })),
    });
    this.#documents.set("1", this.#documents.get(this.manifestDigest)!);
    const serve = (handler: (request: Request) => Response) => {
      const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
      this.#servers.push(server);
      return `127.0.0.1:${server.addr.port}`;
    };
    const elsewhere = serve((request) => {
      this.tokensSeenElsewhere.push(request.headers.get("authorization"));
      return this.#answer(new URL(request.url));
    });
    this.host = serve((request) => this.#handle(request, elsewhere));
  }

  /** Adds an index that names the image for amd64 in several variants, and returns its digest. */
  addIndex(variants: (string | undefined)[], digests: string[] = []): string {
    return this.#add({
      manifests: variants.map((variant, at) => ({
        digest: digests[at] ?? this.manifestDigest,
        size: 1,
        platform: { os: "linux", architecture: "amd64", variant },
      })),
    });
  }

  /** The image's name with its digest. */
  get pinned(): string {
    return `${this.host}/base@${this.manifestDigest}`;
  }

  /** Ends it, and removes its blobs from the cache. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.shutdown()));
    for (const digest of this.#documents.keys()) {
      await Deno.remove(join(CACHE, "blobs", digest.replace("sha256:", ""))).catch(() => {});
    }
  }

  #add(value: unknown): string {
    const bytes = value instanceof Uint8Array
      ? new Uint8Array(value)
      : new TextEncoder().encode(JSON.stringify(value));
    const digest = digestOf(bytes);
    this.#documents.set(digest, bytes);
    return digest;
  }

  #handle(request: Request, elsewhere: string): Response {
    const { tokenUses, challenge, blobsElsewhere, busy } = this.#options;
    const url = new URL(request.url);
    if (url.pathname === "/token") {
      assert.equal(url.searchParams.get("scope"), "repository:base:pull");
      this.#usesLeft = tokenUses!;
      return Response.json({ token: `token-${++this.tokens}` });
    }
    const isKnown = request.headers.get("authorization") === `Bearer token-${this.tokens}`;
    if (tokenUses !== undefined && !(isKnown && this.#usesLeft-- > 0)) {
      const header = challenge?.(url.host) ??
        `Bearer realm="http://${url.host}/token",service="x",scope="repository:base:pull"`;
      return new Response(null, { status: 401, headers: { "www-authenticate": header } });
    }
    const isLayer = url.pathname.endsWith(this.#layer);
    const refusal = isLayer ? busy?.shift() : undefined;
    if (refusal !== undefined) return refusal();
    if (blobsElsewhere && isLayer) {
      return Response.redirect(`http://${elsewhere}${url.pathname}`, 307);
    }
    return this.#answer(url);
  }

  #answer({ pathname }: URL): Response {
    const digest = pathname.split("/").at(-1)!;
    const bytes = this.#documents.get(digest);
    if (bytes === undefined) return new Response("none", { status: 404 });
    if (digest !== this.#layer) return new Response(bytes);
    const { tamper, encoded } = this.#options;
    const sent = tamper ? bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) : bytes;
    return new Response(sent, encoded ? { headers: { "content-encoding": "gzip" } } : undefined);
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
