/**
 * An archive to be read: a file on this machine, or one behind a URL.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { saveStream } from "../hash_stream.ts";
import { get, readBody } from "../http.ts";
import { ProgressBar } from "../progress_bar.ts";
import { ARCHIVE_LIMITS } from "../image/archive.ts";

/** An archive's file. */
export interface FetchedArchive {
  /** Where it is. */
  path: string;
  /** Its length in bytes. */
  size: number;
  /** Its SHA-256, in hexadecimal. */
  sha256: string;
}

/** Whether an archive is named by a URL. */
export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/**
 * Hashes an archive, after downloading it into `path` if it is behind a URL.
 *
 * @param allowHttp Admit `http:` URLs of this machine itself.
 * @throws {ToolError} It isn't there, can't be reached, is no file, or is too large.
 */
export async function fetchArchive(
  source: string,
  { path, allowHttp }: { path: string; allowHttp: boolean },
): Promise<FetchedArchive> {
  if (!isUrl(source)) return hashArchive(source);
  if (!URL.canParse(source)) throw new ToolError("The archive's URL isn't valid");
  const answer = await get(new URL(source), { allowHttp });
  const { response, shown } = answer;
  if (!response.ok || response.headers.get("content-type")?.startsWith("text/html")) {
    await response.body?.cancel();
    throw new ToolError(
      response.ok
        ? `${shown} answers with a web page, such as a login, and not with an archive`
        : `${shown} answers ${response.status}; expected the archive`,
    );
  }
  using bar = new ProgressBar("Downloading");
  const total = Number(response.headers.get("content-length") ?? 0);
  let done = 0;
  const body = readBody(answer, ARCHIVE_LIMITS.fileBytes);
  return { path, ...await saveStream(body, path, (bytes) => bar.update(done += bytes, total)) };
}

function hashArchive(path: string): FetchedArchive {
  try {
    const { isFile, size } = Deno.statSync(path);
    if (!isFile) throw new ToolError(`${path} is not a file; expected an archive`);
    if (size > ARCHIVE_LIMITS.fileBytes) {
      throw new ToolError(
        `${path} has ${size} bytes; the most that is read is ${ARCHIVE_LIMITS.fileBytes}`,
      );
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
