/**
 * Serves an artifact's file: whole, or from a place on.
 *
 * @module
 */

import type { StoredArtifact } from "./runs.ts";

/** Options of {@linkcode serveArtifact}. */
export interface ServeOptions {
  /**
   * The connection breaks after this share of the file.
   *
   * @default it doesn't
   */
  cutAt?: number;
}

/** Answers a request for a file. */
export async function serveArtifact(
  request: Request,
  { name, path, size }: StoredArtifact,
  { cutAt }: ServeOptions,
): Promise<Response> {
  const file = await Deno.open(path);
  const etag = `"${size.toString(16)}-${file.statSync().mtime?.getTime().toString(16)}"`;
  const from = startOf(request, etag, size);
  await file.seek(from, Deno.SeekMode.Start);
  const headers = new Headers({
    "content-type": "application/octet-stream",
    "content-disposition": `attachment; filename*=utf-8''${encodeURIComponent(name)}`,
    "content-length": `${size - from}`,
    "accept-ranges": "bytes",
    etag,
  });
  if (from > 0) headers.set("content-range", `bytes ${from}-${size - 1}/${size}`);
  const limit = cutAt === undefined ? undefined : Math.max(0, Math.floor(size * cutAt) - from);
  const body = limit === undefined ? file.readable : cut(file.readable, limit);
  return new Response(body, { status: from > 0 ? 206 : 200, headers });
}

/** Where the part begins that is asked for; 0 if all of the file is, or must be sent. */
function startOf({ headers }: Request, etag: string, size: number): number {
  const [, first] = /^bytes=(\d+)-$/.exec(headers.get("range") ?? "") ?? [];
  const from = Number(first ?? 0);
  return from < size && headers.get("if-range") === etag ? from : 0;
}

/** A stream that breaks. */
function cut(source: ReadableStream<Uint8Array>, limit: number): ReadableStream<Uint8Array> {
  async function* read(): AsyncGenerator<Uint8Array> {
    let left = limit;
    for await (const chunk of source) {
      yield chunk.subarray(0, left);
      left -= chunk.length;
      if (left <= 0) break;
    }
    throw new Error("cut on purpose");
  }
  return ReadableStream.from(read());
}
