/**
 * An archive to be read: a file on this machine, or one behind a URL.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { saveStream } from "../hash_stream.ts";
import { type Answer, get, readBody } from "../http/http.ts";
import { ARCHIVE_LIMITS } from "../image/archive.ts";
import { isGzipFile } from "../image/gzip/gzip.ts";
import type { OnProgress } from "../screen/progress.ts";
import { AddressGuard, type Reach } from "../http/reach.ts";
import { getUndecoded } from "../http/undecoded.ts";

/** An archive's file. */
export interface FetchedArchive {
  /** Where it is. */
  path: string;
  /** Its length in bytes. */
  size: number;
  /** Its SHA-256, in hexadecimal. */
  sha256: string;
  /** What a person should know of how it was downloaded. */
  note?: string;
}

/** Options of {@linkcode fetchArchive}. */
export interface FetchOptions {
  /** Where a download goes; a second file may be put beside it. */
  path: string;
  /** Accept `http:` URLs of this machine itself. */
  allowHttp: boolean;
  /** Which addresses a URL may lead to. */
  reach: Reach;
  /**
   * The SHA-256 that it should have.
   *
   * @default any
   */
  expected?: string;
  /** Called while the archive is downloaded. */
  onProgress?: OnProgress;
}

/** Whether an archive is named by a URL. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/**
 * Hashes an archive, after downloading it if it is behind a URL.
 *
 * @throws {ToolError} It isn't there, can't be reached, isn't a file, or is too large.
 */
export async function fetchArchive(
  source: string,
  options: FetchOptions,
): Promise<FetchedArchive> {
  if (!isUrl(source)) return hashArchive(source);
  if (!URL.canParse(source)) throw new ToolError("The archive's URL isn't valid");
  const answer = await get(new URL(source), {
    allowHttp: options.allowHttp,
    guard: new AddressGuard(options.reach),
  });
  const { response, shown } = answer;
  if (!response.ok || response.headers.get("content-type")?.startsWith("text/html")) {
    await response.body?.cancel();
    throw new ToolError(
      response.ok
        ? `${shown} answers with a web page, a login perhaps; expected the archive`
        : `${shown} answers ${response.status}; expected the archive`,
    );
  }
  const archive = await save(answer, options);
  return isGzipFile(archive.path) || archive.sha256 === options.expected
    ? archive
    : await withoutDecoding(answer, archive, options);
}

async function save(
  answer: Answer,
  { path, onProgress }: Pick<FetchOptions, "path" | "onProgress">,
): Promise<FetchedArchive> {
  const total = Number(answer.response.headers.get("content-length") ?? 0);
  let done = 0;
  const body = readBody(answer, ARCHIVE_LIMITS.fileBytes);
  const saved = await saveStream(body, path, (bytes) => {
    onProgress?.({ what: "Downloading", done: done += bytes, total });
  });
  return { path, ...saved };
}

/** An archive that isn't compressed may have been decompressed on its way. */
async function withoutDecoding(
  answer: Answer,
  decoded: FetchedArchive,
  { path, onProgress }: FetchOptions,
): Promise<FetchedArchive> {
  const own = await getUndecoded(answer);
  if (own === undefined) return decoded;
  const archive = await save(own, { path: `${path}-undecoded`, onProgress });
  const note =
    "the server sends the file with Content-Encoding: gzip; its own bytes were taken, but " +
    `clients that decompress it get another file (SHA-256 ${decoded.sha256})`;
  return { ...archive, note };
}

function hashArchive(path: string): FetchedArchive {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new ToolError(`${path} isn't a file; expected an archive`);
    if (size > ARCHIVE_LIMITS.fileBytes) {
      throw new ToolError(`${path} has ${size} bytes; the limit is ${ARCHIVE_LIMITS.fileBytes}`);
    }
    return { path, size, sha256: hashFile(path) };
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(
      error instanceof Deno.errors.NotFound
        ? `${path} doesn't exist; expected an archive, or the URL of one`
        : `Can't read ${path}: ${messageOf(error)}`,
    );
  }
}
