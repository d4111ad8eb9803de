/**
 * Downloads a job's artifacts: all of them, or none.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { ArtifactError, messageOf, QueryEngineError } from "../../../src/errors.ts";
import { exists, removeLeftovers, temporaryName } from "../../../src/files.ts";
import { silentLog } from "../../../src/log.ts";
import { checkArtifactName } from "../../../src/output/artifact_name.ts";
import { printable } from "../../../src/printable.ts";
import { download } from "../../../src/query_engine/download.ts";
import { Transient } from "../../../src/query_engine/retry.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import type { OnProgress } from "../screen/progress.ts";
import type { RemoteArtifact } from "./answers.ts";
import { askJob, locate, type RemoteJob } from "./client.ts";
import { ArtifactsError, EngineUnreachableError } from "./errors.ts";
import { headersFor } from "./exchange.ts";

/** A download with no byte for this long is cut and resumed, in seconds. */
const STALL_SECONDS = 30;

/** How artifacts are downloaded. */
export interface DownloadOptions {
  /** The folder that appears when all of them are there; it must not exist yet. */
  folder: string;
  /** Gets the checksums when all of them are there, before the folder appears. */
  onReady?(checksums: string): void;
  /** Called while they are downloaded. */
  onProgress?: OnProgress;
  /** Gets what the person should know and what stops nothing. */
  warn(text: string): void;
}

/** Where the checksums of a folder's files are: beside it. */
export function checksumsOf(folder: string): string {
  return `${folder}.SHA256SUMS`;
}

/**
 * Downloads artifacts into a folder that appears when all are there, with a file of their checksums, in the
 * form of `sha256sum`, beside it.
 *
 * @throws {ArtifactsError} They aren't available, now or later: a name that isn't a plain relative path, or
 * the engine has them no more.
 * @throws {EngineUnreachableError} They aren't available now.
 * @throws {ToolError} The folder exists, or can't be written.
 */
export async function downloadArtifacts(
  job: RemoteJob,
  artifacts: readonly RemoteArtifact[],
  options: DownloadOptions,
): Promise<void> {
  checkNames(artifacts.map(({ name }) => name));
  const { folder } = options;
  const [parent, name] = [dirname(folder), basename(folder)];
  if (exists(folder)) {
    throw new ToolError(`${folder} already exists and isn't replaced; choose another folder`);
  }
  const prefix = `.${name}.part-`;
  const staged = join(parent, temporaryName(prefix));
  try {
    makeFolder(parent);
    removeLeftovers(parent, prefix);
    makeFolder(staged);
    let sums = "";
    for (const artifact of artifacts) {
      const path = join(staged, artifact.name);
      await downloadOne(job, artifact, path, options);
      sums += `${hashFile(path)}  ${name}/${artifact.name}\n`;
    }
    options.onReady?.(sums);
    Deno.writeTextFileSync(checksumsOf(folder), sums);
    Deno.renameSync(staged, folder);
  } finally {
    removeLeftovers(parent, basename(staged));
  }
}

/** Refuses names that aren't ours, and those that would take each other's place on some disk. */
function checkNames(names: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    try {
      checkArtifactName(name);
    } catch (error) {
      if (!(error instanceof ArtifactError)) throw error;
      throw new ArtifactsError(`Nothing was downloaded. ${error.message}`);
    }
    const alike = name.normalize("NFC").toLowerCase();
    const parents = alike.split("/").map((_, at, parts) => parts.slice(0, at + 1).join("/"));
    const other = seen.get(alike) ?? parents.map((parent) => seen.get(parent)).find(Boolean);
    if (other !== undefined) {
      throw new ArtifactsError(
        `Nothing was downloaded: the artifacts ${JSON.stringify(other)} and ${
          JSON.stringify(name)
        } can't be in one folder`,
      );
    }
    seen.set(alike, name);
  }
  for (const [alike, name] of seen) {
    for (const other of seen.keys()) {
      if (!other.startsWith(`${alike}/`)) continue;
      throw new ArtifactsError(
        `Nothing was downloaded: the artifact ${JSON.stringify(name)} is a file and a folder`,
      );
    }
  }
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw new ToolError(`Can't make the folder ${path}: ${messageOf(error)}`);
  }
}

async function downloadOne(
  job: RemoteJob,
  artifact: RemoteArtifact,
  path: string,
  { onProgress, warn }: DownloadOptions,
): Promise<void> {
  const { access } = job;
  const shown = printable(artifact.name);
  const url = locate(job, artifact);
  if (url.protocol === "http:" && url.origin !== access.base.origin) {
    warn(`${shown} comes over plain http from ${url.host}: it can be read on the way`);
  }
  makeFolder(dirname(path));
  const file = Deno.openSync(path, { write: true, createNew: true });
  try {
    const bytes = await download({
      url,
      headersFor: (url) => headersFor(access, url),
      connect: access.connect,
      file,
      directory: dirname(path),
      names: {
        file: shown,
        url: `URL of ${shown}`,
        kind: "the artifact",
        source: "the Compute Engine",
      },
      stallSeconds: STALL_SECONDS,
      renewUrl: () => renewUrl(job, artifact),
      checkWhole: (headers) => expectEnd(file, url, artifact, headers),
      onProgress: ({ bytes, total = 0 }) =>
        onProgress?.({ what: `Downloading ${shown}`, done: bytes, total }),
      text: access.text,
      log: { ...silentLog, warn },
    });
    if (artifact.size !== undefined && artifact.size !== bytes) {
      throw new EngineUnreachableError(
        `${shown} came with ${bytes} bytes; the Compute Engine says that it has ${artifact.size}`,
      );
    }
  } catch (error) {
    if (!(error instanceof QueryEngineError)) throw error;
    throw explain(error);
  } finally {
    file.close();
  }
}

/** An engine that has an artifact no more says so by the URL, and again by a fresh one. */
function explain({ message, remedy }: QueryEngineError): ToolError {
  if (remedy !== undefined) return new ToolError(message);
  return /expired/i.test(message)
    ? new ArtifactsError(`${message}. Artifacts are kept for a limited time`)
    : new EngineUnreachableError(message);
}

async function renewUrl(job: RemoteJob, { name }: RemoteArtifact): Promise<URL> {
  const { artifacts } = await askJob(job);
  const again = artifacts.find((artifact) => artifact.name === name);
  if (again !== undefined) return locate(job, again);
  throw new ArtifactsError(`The Compute Engine doesn't list ${printable(name)} any more`);
}

/** Makes sure that a file whose length wasn't announced isn't cut. */
function expectEnd(
  file: Deno.FsFile,
  url: URL,
  { size }: RemoteArtifact,
  headers: Headers,
): void {
  if (size !== undefined) {
    if (file.statSync().size < size) throw new Transient("the file is cut short");
    return;
  }
  // Chunks and TLS have an end that can't be mistaken; else the end of the connection is the file's.
  if (url.protocol === "https:" || headers.has("transfer-encoding")) return;
  throw new Transient("the server announces no length, so a cut couldn't be noticed");
}
