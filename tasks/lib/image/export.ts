/**
 * Makes the archive that is registered on-chain, without a container engine.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { isDirectory } from "../../../src/files.ts";
import { formatBytes } from "../../../src/format_bytes.ts";
import { ToolError } from "../errors.ts";
import { compile, type CompiledBinary } from "../binary/compile.ts";
import type { OnProgress } from "../screen/progress.ts";
import { MAIN, ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { ARCHIVE_LIMITS } from "./archive.ts";
import { openBase } from "./base.ts";
import { claimsIn, expectClaims, expectReadable } from "./claims.ts";
import { makeConfig } from "./config.ts";
import { BINARY_NAME, readDockerfile } from "./dockerfile.ts";
import { jobLabels } from "./job_labels.ts";
import { type Layer, makeLayer } from "./layer.ts";
import { writeImage } from "./layout.ts";
import { releaseLabels } from "./release_labels.ts";
import { RUNTIME_LABEL, runtimeLabels } from "./runtime_label.ts";

/** The Dockerfile of this checkout. */
export const DOCKERFILE: string = join(ROOT, "Dockerfile");

/** Bytes of an archive's JSON documents and tar headers, at most. */
const ROOM_FOR_DOCUMENTS = 1 << 24;

/** Options of {@linkcode packArchive}. */
export interface PackOptions {
  /** Where the archive goes; an earlier one is replaced, whole or not at all. */
  output: string;
  /**
   * The base: a file, or a name with a digest.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /**
   * The image's labels, besides the base's and that of a test runtime.
   *
   * @default the Dockerfile's
   */
  labels?: Record<string, string>;
  /** Called while the base is pulled and while the archive is compressed. */
  onProgress?: OnProgress;
}

/** Options of {@linkcode exportArchive}. */
export interface ExportOptions extends Omit<PackOptions, "labels"> {
  /**
   * The job's module.
   *
   * @default the checkout's main.ts
   */
  entry?: string;
  /**
   * Where the binary is left.
   *
   * @default it isn't
   */
  binary?: string;
  /**
   * The commit that the image's label names, in hexadecimal.
   *
   * @default no label
   */
  revision?: string;
}

/** A written archive. */
export interface PackedArchive {
  /** Its path. */
  path: string;
  /** Its length in bytes. */
  size: number;
  /** Its SHA-256, in hexadecimal: what is registered. */
  sha256: string;
  /** The image's id: `sha256:HEX`. */
  imageId: string;
  /** The image's length in bytes, unpacked. */
  unpackedSize: number;
  /** The base, as given. */
  base: string;
  /** Whether the binary's runtime is that of `deno task denort`. */
  onTestRuntime: boolean;
}

/** A written archive and the job in it. */
export interface ExportedArchive extends PackedArchive {
  /** The compiled job. */
  binary: Omit<CompiledBinary, "path">;
}

/**
 * Compiles the job, adds it to its base, and writes the archive and its checksum. The same source,
 * base and Deno make the same bytes.
 *
 * @throws {ToolError} The job can't be compiled, the base isn't available, or the output can't be written.
 */
export async function exportArchive(options: ExportOptions): Promise<ExportedArchive> {
  // Beside the archive: where that can be written, there is room for the binary too.
  using folder = prepareFolder(resolve(options.output));
  const binary = await compile({
    entry: options.entry ?? MAIN,
    output: options.binary ?? folder.join("relay"),
    onProgress: options.onProgress,
  });
  const own = readDockerfile(DOCKERFILE).labels;
  expectClaims(own);
  const labels = { ...own, ...releaseLabels(options.revision), ...jobLabels(binary.job) };
  return { ...await packArchive(binary.path, { ...options, labels }), binary };
}

/**
 * Adds a compiled job to its base, and writes the archive and its checksum.
 *
 * @throws {ToolError} The base isn't available, or the output can't be written.
 */
export async function packArchive(binary: string, options: PackOptions): Promise<PackedArchive> {
  const { onProgress } = options;
  const recipe = readDockerfile(DOCKERFILE);
  const base = options.base ?? recipe.base;
  const path = resolve(options.output);
  using folder = prepareFolder(path);
  const baseImage = await openBase(base, { folder: folder.path, onProgress });
  const layer = await makeLayer({ binary, name: BINARY_NAME, path: folder.join("job.tar") });
  const runtime = runtimeLabels(binary);
  const config = makeConfig({
    base: baseImage.config,
    labels: { ...options.labels ?? recipe.labels, ...runtime },
    diffId: layer.diffId,
  });
  // An archive that an audit would refuse isn't worth making.
  expectReadable(claimsIn(config.config?.Labels ?? {}));
  expectWithinLimits([...baseImage.layers, layer]);
  const part = folder.join("archive");
  const layers = [...baseImage.layers, layer];
  const total = layers.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const written = await writeImage({
    config,
    layers,
    path: part,
    onBytes: (bytes) => onProgress?.({ what: "Compressing", done: done += bytes, total }),
  });
  publish(part, path, written.sha256);
  return { path, base, onTestRuntime: RUNTIME_LABEL in runtime, ...written };
}

/** What is read of an archive is bounded, so what is written must be. */
function expectWithinLimits(layers: readonly Layer[]): void {
  const bytes = layers.reduce((sum, { size }) => sum + size, ROOM_FOR_DOCUMENTS);
  if (layers.length > ARCHIVE_LIMITS.layers || bytes > ARCHIVE_LIMITS.bytes) {
    throw new ToolError(
      `The image has ${layers.length} layers of ${
        formatBytes(bytes)
      } in all; the most that \`verify\` ` +
        `reads is ${ARCHIVE_LIMITS.layers} layers of ${
          formatBytes(ARCHIVE_LIMITS.bytes)
        }. Use a smaller base`,
    );
  }
}

/** A folder beside the output: the last step can be a rename. */
function prepareFolder(path: string): TemporaryFolder {
  const dir = dirname(path);
  try {
    Deno.mkdirSync(dir, { recursive: true });
    if (isDirectory(path)) throw new Error("it is a directory");
    return new TemporaryFolder({ prefix: ".export-", dir });
  } catch (error) {
    throw new ToolError(`Can't write ${path}: ${messageOf(error)}`);
  }
}

/** Puts the archive and its checksum in place; at no moment is there a checksum of another archive. */
function publish(part: string, path: string, sha256: string): void {
  const checksum = checksumFile(path);
  Deno.writeTextFileSync(`${part}.sha256`, `${sha256}  ${basename(path)}\n`);
  try {
    Deno.removeSync(checksum);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  Deno.renameSync(part, path);
  Deno.renameSync(`${part}.sha256`, checksum);
}

/** The file beside an archive that holds its SHA-256, as `sha256sum` writes and checks it. */
export function checksumFile(archive: string): string {
  return `${archive}.sha256`;
}
