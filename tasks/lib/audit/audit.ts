/**
 * Audits an archive: what is in it, what it may do, and whether this checkout makes the same.
 *
 * @module
 */

import { basename } from "node:path";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { checkBlobs, unpackArchive } from "../image/archive.ts";
import { readImage } from "../image/archived_image.ts";
import { type ImageRecipe, readDockerfile } from "../image/dockerfile.ts";
import { checksumFile, DOCKERFILE, exportArchive } from "../image/export.ts";
import type { OnProgress } from "../progress.ts";
import type { Reach } from "../reach.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { checkBinary } from "./binary_checks.ts";
import { type Check, CheckList, fail, type Finding, ok, warn } from "./checks.ts";
import { configChecks } from "./config_checks.ts";
import { explainDifference } from "./explain.ts";
import { fetchArchive, type FetchedArchive, isUrl } from "./fetch_archive.ts";
import { checkDigests, checkFiles, compareBase, readJobLayers } from "./layer_checks.ts";

/** What an audit found. */
export interface Audit {
  /** Whether no check failed. */
  ok: boolean;
  /** The checks, in the order they were made; after one that ends the audit there are no more. */
  checks: Check[];
  /** The archive's SHA-256, in hexadecimal: what is registered. */
  sha256: string;
  /** The archive's length in bytes. */
  size: number;
  /** The config's digest, if the audit came so far. */
  imageId?: string;
  /** The image's labels, if the audit came so far. */
  labels?: Record<string, string>;
  /** The binary's SHA-256, if the audit came so far. */
  binarySha256?: string;
  /** Whether the binary's runtime is that of `deno task denort`, if the audit came so far. */
  onTestRuntime?: boolean;
}

/** Options of {@linkcode auditArchive}. */
export interface AuditOptions {
  /** The SHA-256 that is expected, in lower-case hexadecimal. */
  sha256?: string;
  /**
   * Export this checkout and compare.
   *
   * @default false
   */
  rebuild?: boolean;
  /**
   * The base that is expected.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /**
   * Accept `http:` URLs that lead to this machine itself.
   *
   * @default false
   */
  allowHttp?: boolean;
  /**
   * Which addresses the archive's URL may lead to.
   *
   * @default "typed"
   */
  reach?: Reach;
  /** Called while the archive is downloaded and made again. */
  onProgress?: OnProgress;
}

/**
 * Audits an archive. What is wrong with it is in the checks, not thrown: it comes from a stranger.
 *
 * @param source A file, or an `https:` URL.
 * @throws {ToolError} There is nothing to audit: no such file, or a URL that gives no archive.
 */
export async function auditArchive(source: string, options: AuditOptions = {}): Promise<Audit> {
  using folder = new TemporaryFolder({ prefix: "verify-" });
  const archive = await fetchArchive(source, {
    path: folder.join("archive"),
    allowHttp: options.allowHttp ?? false,
    reach: options.reach ?? "typed",
    expected: options.sha256,
    onProgress: options.onProgress,
  });
  const { sha256, size } = archive;
  const list = new CheckList();
  const audit: Audit = { ok: false, checks: list.checks, sha256, size };
  list.add("sha256", compareSha256(sha256, options.sha256, source));
  if (archive.note !== undefined) list.add("download", warn(archive.note));
  await list.untilFailure(() => inspect(audit, list, archive, folder, options));
  audit.ok = audit.checks.every(({ status }) => status !== "fail");
  return audit;
}

async function inspect(
  audit: Audit,
  list: CheckList,
  archive: FetchedArchive,
  folder: TemporaryFolder,
  options: AuditOptions,
): Promise<void> {
  const recipe: ImageRecipe = readDockerfile(DOCKERFILE);
  const files = await list.step(
    "archive",
    () => unpackArchive(archive.path, { folder: folder.path, what: "The archive" }),
    (files) => `${files.size} files, nothing that leads out of it`,
  );
  await list.step("blobs", () => checkBlobs(files), (count) => `${count} match their digests`);
  const image = await list.step(
    "image",
    () => readImage(files),
    ({ imageId, formats }) => `${imageId}, described for ${formats.join(" and ")}`,
  );
  const { config, layers, strays } = image;
  audit.imageId = image.imageId;
  audit.labels = config.config?.Labels ?? {};
  if (strays.length > 0) {
    list.add("strays", fail(`files that belong to no image: ${strays.join(", ")}`));
  }
  for (const [name, finding] of configChecks(config, recipe)) list.add(name, finding);
  await list.step(
    "layers",
    () => checkDigests(layers),
    () => `${layers.length}, each matches its digest`,
  );
  const { finding, count } = await compareBase(layers, options.base ?? recipe.base);
  list.add("base", finding);
  const binary = folder.join("binary");
  const name = (config.config?.Entrypoint?.[0] ?? "").replace(/^\/+/, "");
  const headers = await list.step(
    "job",
    () => readJobLayers(layers.slice(count), { name, binary }),
    ({ length }) => `${length} ${length === 1 ? "entry" : "entries"} above the base`,
  );
  list.add("files", checkFiles(headers, name));
  if (!isFile(binary)) {
    return list.add("binary", fail("the entrypoint is not a file of the image"));
  }
  audit.binarySha256 = hashFile(binary);
  const { findings, onTestRuntime } = checkBinary(binary, audit.labels);
  audit.onTestRuntime = onTestRuntime;
  for (const [name, finding] of findings) list.add(name, finding);
  if (options.rebuild === true) list.add("rebuild", await rebuild(archive, options));
}

function compareSha256(actual: string, expected: string | undefined, source: string): Finding {
  if (expected !== undefined) {
    return actual === expected
      ? ok(`${actual}, as expected`)
      : fail(`${actual}, but expected ${expected}`);
  }
  const beside = isUrl(source) ? undefined : readChecksum(source);
  if (beside === undefined) return warn(`${actual}, compared with nothing: no SHA-256 was given`);
  const name = checksumFile(basename(source));
  return actual === beside
    ? ok(`${actual}, as in ${name}`)
    : fail(`${actual}, but ${name} says ${beside}`);
}

function readChecksum(archive: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(checksumFile(archive));
    return /^[0-9a-f]{64}(?=\s)/.exec(text)?.[0] ?? "something that is no SHA-256";
  } catch {
    return undefined;
  }
}

/** Exports this checkout, and says where the archive differs. */
async function rebuild(
  archive: FetchedArchive,
  { base, onProgress }: AuditOptions,
): Promise<Finding> {
  using folder = new TemporaryFolder({ prefix: "verify-rebuild-" });
  const output = folder.join("rebuilt.tar.gz");
  try {
    const binary = folder.join("binary");
    const rebuilt = await exportArchive({ output, base, binary, onProgress });
    if (rebuilt.sha256 === archive.sha256) return ok("this checkout makes the same, byte for byte");
    const differences = await explainDifference(archive.path, rebuilt.path);
    return fail(`this checkout makes ${rebuilt.sha256}; ${differences.join("; ")}`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return fail(`can't be done: ${error.message}`);
  }
}
