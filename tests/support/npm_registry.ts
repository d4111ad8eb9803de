/**
 * A small npm registry on loopback.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { rawTar } from "./hostile_tar.ts";

/** A registry of one package, which ends at the end of the `await using` block. */
export class NpmRegistry implements AsyncDisposable {
  readonly #name: string;
  readonly #tarballs: Map<string, Uint8Array<ArrayBuffer>>;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts it with the text of the package's module, by version. */
  constructor(name: string, versions: Record<string, string>) {
    this.#name = name;
    this.#tarballs = new Map(
      Object.entries(versions).map(([version, text]) => [version, pack(name, version, text)]),
    );
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(decodeURIComponent(new URL(request.url).pathname)),
    );
  }

  /** The line of an .npmrc that makes it the registry of the package's scope. */
  get npmrc(): string {
    return `${this.#name.split("/")[0]}:registry=${this.#url}\n`;
  }

  /** The checksum of a version. */
  integrity(version: string): string {
    return integrityOf(this.#tarballs.get(version)!);
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  #answer(path: string): Response {
    const tarball = this.#tarballs.get(/^\/tarballs\/(.+)\.tgz$/.exec(path)?.[1] ?? "");
    if (tarball !== undefined) return new Response(tarball);
    if (path !== `/${this.#name}`) return new Response("no such package", { status: 404 });
    const versions = [...this.#tarballs].map(([version, tarball]) => [version, {
      name: this.#name,
      version,
      dist: { tarball: `${this.#url}tarballs/${version}.tgz`, integrity: integrityOf(tarball) },
    }]);
    return Response.json({
      name: this.#name,
      versions: Object.fromEntries(versions),
      "dist-tags": { latest: [...this.#tarballs.keys()].at(-1) },
    });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function pack(name: string, version: string, text: string): Uint8Array<ArrayBuffer> {
  const manifest = JSON.stringify({ name, version, type: "module", exports: "./index.js" });
  return new Uint8Array(gzipSync(rawTar([
    { name: "package/package.json", data: manifest, mode: 0o644 },
    { name: "package/index.js", data: text, mode: 0o644 },
  ])));
}

function integrityOf(tarball: Uint8Array): string {
  return `sha512-${createHash("sha512").update(tarball).digest("base64")}`;
}
