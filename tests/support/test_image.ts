/**
 * Small images to tamper with, in the form that `export` writes.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { DOCKERFILE } from "../../tasks/lib/image/export.ts";
import { ENTRYPOINT, readDockerfile, USER } from "../../tasks/lib/image/dockerfile.ts";
import { workerPermissions } from "../../tasks/lib/binary/permissions.ts";
import { elfImage, makeBinary } from "./compiled_binary.ts";
import { type RawEntry, rawTar } from "./hostile_tar.ts";

/** What an image is made of; a test changes what it is about. */
export interface ImageParts {
  /** What the job's layer holds. */
  files: RawEntry[];
  /** The config, but for the layers' ids. */
  config: { os: string; architecture: string; config: Record<string, unknown> };
  /** The layer below the job's, as a tar. */
  base: Uint8Array<ArrayBuffer>;
  /** Changes what the archive's files say of each other. */
  edit?(files: Map<string, Uint8Array<ArrayBuffer>>): void;
  /** Changes the archive's entries. */
  entries?(entries: RawEntry[]): RawEntry[];
}

const MODE_EXECUTABLE = 0o755;

/** The parts of an image that every check holds for. */
export function goodParts(): ImageParts {
  const { labels } = readDockerfile(DOCKERFILE);
  return {
    files: [{ name: "relay", data: fakeBinary(), mode: MODE_EXECUTABLE }],
    config: {
      os: "linux",
      architecture: "amd64",
      config: { Entrypoint: [...ENTRYPOINT], User: USER, Labels: labels, Env: ["PATH=/bin"] },
    },
    base: rawTar([{ name: "etc/", type: "5", mode: MODE_EXECUTABLE }]),
  };
}

/** An archive of an image's parts. */
export function makeArchive(parts: ImageParts): Uint8Array<ArrayBuffer> {
  const layers = [parts.base, rawTar(parts.files)];
  const diffIds = layers.map((layer) => `sha256:${sha256(layer)}`);
  const config = json({ ...parts.config, rootfs: { type: "layers", diff_ids: diffIds } });
  const descriptor = (bytes: Uint8Array) => ({
    digest: `sha256:${sha256(bytes)}`,
    size: bytes.length,
  });
  const manifest = json({ config: descriptor(config), layers: layers.map(descriptor) });
  const files = new Map<string, Uint8Array<ArrayBuffer>>([
    ["oci-layout", json({ imageLayoutVersion: "1.0.0" })],
    ["index.json", json({ manifests: [descriptor(manifest)] })],
    [
      "manifest.json",
      json([{ Config: nameOf(config), RepoTags: [], Layers: layers.map(nameOf) }]),
    ],
    ...[manifest, config, ...layers].map((blob) => [nameOf(blob), blob] as const),
  ]);
  parts.edit?.(files);
  const entries = [...files].map(([name, data]) => ({ name, data }));
  return rawTar(parts.entries?.(entries) ?? entries);
}

/** The base of {@linkcode goodParts}, as an archive of its own. */
export function makeBaseArchive({ base }: ImageParts): Uint8Array<ArrayBuffer> {
  const config = json({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [`sha256:${sha256(base)}`] },
  });
  return rawTar([
    { name: "config.json", data: config },
    { name: "layer.tar", data: base },
    {
      name: "manifest.json",
      data: json([{ Config: "config.json", RepoTags: [], Layers: ["layer.tar"] }]),
    },
  ]);
}

/** The name of a blob in an archive. */
export function nameOf(blob: Uint8Array): string {
  return `blobs/sha256/${sha256(blob)}`;
}

/** A value as JSON. */
export function json(value: unknown): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

/** A binary for a machine (62 is x86_64), with the permissions of a compiled job. */
export function fakeBinary(
  { machine = 62, allow = {} }: { machine?: number; allow?: Record<string, string[]> } = {},
): Uint8Array<ArrayBuffer> {
  const permissions = Object.fromEntries(
    Object.entries(workerPermissions()).map(([kind, grant]) => [
      `allow_${kind}`,
      Array.isArray(grant) ? grant : [],
    ]),
  );
  return makeBinary({
    runtime: elfImage(machine),
    metadata: JSON.stringify({ argv: [], permissions: { ...permissions, ...allow } }),
  });
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
