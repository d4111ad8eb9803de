/**
 * Serves a devnet's files on loopback: the definitions of its refiners' schemas, and archives.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { isLoopback } from "../../../src/loopback.ts";

/** Options of {@linkcode serveFiles}. */
export interface FileServerOptions {
  /** The definition of a refiner's schema, as JSON; `undefined` if there is no such refiner here. */
  definition: (refiner: number) => string | undefined;
  /** The folder that archives are served from, without those below it. */
  archives: string;
  /**
   * The port; 0 picks a free one.
   *
   * @default 0
   */
  port?: number;
}

/** A server of files. It stops at the end of an `await using` block. */
export interface FileServer extends AsyncDisposable {
  /** Its URL. */
  readonly url: string;
}

/** Where a refiner's definition is on the server. */
export function definitionPath(refiner: bigint): string {
  return `/refiners/${refiner}.json`;
}

/**
 * Starts it.
 *
 * @throws {Deno.errors.AddrInUse} The port is taken.
 */
export function serveFiles({ port = 0, ...options }: FileServerOptions): FileServer {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port, onListen() {} },
    (request) => answer(request, options),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}

async function answer(
  request: Request,
  { definition, archives }: Omit<FileServerOptions, "port">,
): Promise<Response> {
  const url = new URL(request.url);
  // A page in a browser may reach it by a name of its own that leads here.
  if (!isLoopback(url)) return new Response("Unknown host", { status: 421 });
  const [, refiner] = /^\/refiners\/(\d{1,15})\.json$/.exec(url.pathname) ?? [];
  const found = refiner === undefined ? undefined : definition(Number(refiner));
  if (found !== undefined) {
    return new Response(found, { headers: { "content-type": "application/json" } });
  }
  const [, name] = /^\/archives\/(\w[\w.-]*)$/.exec(url.pathname) ?? [];
  const path = name === undefined ? undefined : join(archives, name);
  if (path === undefined || !isFile(path)) return new Response("Not found", { status: 404 });
  const file = await Deno.open(path);
  const { size } = await file.stat();
  return new Response(file.readable, {
    headers: { "content-type": "application/octet-stream", "content-length": `${size}` },
  });
}
