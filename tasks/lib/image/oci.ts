/**
 * The documents of the OCI image specification, which registries and image layouts share.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/spec.md
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** Media types of the OCI image specification. */
export const MediaType = {
  /** A list of manifests. */
  index: "application/vnd.oci.image.index.v1+json",
  /** One image: its config and its layers. */
  manifest: "application/vnd.oci.image.manifest.v1+json",
  /** An image's config. */
  config: "application/vnd.oci.image.config.v1+json",
  /** A layer, not compressed. */
  layer: "application/vnd.oci.image.layer.v1.tar",
} as const;

const Platform = v.looseObject({
  os: v.string(),
  architecture: v.string(),
  variant: v.nullish(v.string()),
});

const Descriptor = v.looseObject({
  mediaType: v.nullish(v.string()),
  digest: v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, "expected sha256:HEX")),
  size: v.pipe(v.number(), v.safeInteger()),
  platform: v.nullish(Platform),
});

/** A list of manifests, of OCI or Docker. */
export const IndexSchema = v.looseObject({ manifests: v.array(Descriptor) });

/** One image, of OCI or Docker. */
export const ManifestSchema = v.looseObject({ config: Descriptor, layers: v.array(Descriptor) });

/** What tells an index from a manifest. */
export const IndexOrManifestSchema = v.looseObject({
  manifests: v.optional(v.unknown()),
  layers: v.optional(v.unknown()),
});

/** An index may name another index, as BuildKit writes them; this many in a row are followed. */
export const DEEPEST_INDEX = 3;

/** A manifest in an index. */
type IndexEntry = v.InferOutput<typeof Descriptor>;

/**
 * Picks the image for linux/amd64 from an index. An image that is named twice, once for each tag,
 * counts once.
 *
 * @param where What the index is, for messages.
 * @throws {ToolError} There is none, or more than one; then the message names their digests.
 */
export function pickPlatform(manifests: readonly IndexEntry[], where: string): IndexEntry {
  const images = [...new Map(manifests.map((entry) => [entry.digest, entry])).values()];
  const [first] = images;
  if (first !== undefined && images.length === 1) return first;
  const fitting = images.filter(({ platform }) =>
    platform?.os === "linux" && platform.architecture === "amd64"
  );
  const [only] = fitting;
  if (only !== undefined && fitting.length === 1) return only;
  if (only === undefined) {
    throw new ToolError(`${where} has no image for linux/amd64, among ${images.length} images`);
  }
  const choices = fitting.map(({ digest, platform }) =>
    `\n  ${digest} (variant ${printable(platform?.variant ?? "not given")})`
  );
  throw new ToolError(
    `${where} has ${fitting.length} images for linux/amd64. Pin the digest of one of them:` +
      choices.slice(0, 10).join(""),
  );
}

/** A blob's place in an OCI layout. */
export function blobName(digest: string): string {
  return `blobs/${digest.replace(":", "/")}`;
}
