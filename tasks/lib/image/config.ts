/**
 * An image's config: what its program is and in what surroundings it starts.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md
 * @module
 */

import * as v from "valibot";
import { BINARY_NAME, ENTRYPOINT, USER } from "./dockerfile.ts";

const Digest = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, "expected sha256:HEX"));
const Strings = v.nullish(v.array(v.string()));

/** The settings of a container, as the specification spells them; others are kept as they are. */
const RunConfigSchema = v.looseObject({
  Env: Strings,
  Entrypoint: Strings,
  Cmd: Strings,
  User: v.nullish(v.string()),
  WorkingDir: v.nullish(v.string()),
  Labels: v.nullish(v.record(v.string(), v.string())),
});

/** An image's config; members that are not known here are kept as they are. */
export const ImageConfigSchema = v.looseObject({
  architecture: v.string(),
  os: v.string(),
  config: v.nullish(RunConfigSchema),
  rootfs: v.looseObject({ type: v.literal("layers"), diff_ids: v.array(Digest) }),
  history: v.nullish(v.array(v.looseObject({}))),
});

/** @see {@linkcode ImageConfigSchema} */
export type ImageConfig = v.InferOutput<typeof ImageConfigSchema>;

/** Times in an image would make it another image each time. */
const NO_TIME = "1970-01-01T00:00:00Z";

/**
 * The config of a base with the binary over it, as Docker would make it of the Dockerfile: the entrypoint
 * clears the base's command, and all else that the base says stays.
 */
export function makeConfig(
  { base, labels, diffId }: {
    base: ImageConfig;
    /** Labels, added to the base's. */
    labels: Record<string, string>;
    /** The binary's layer. */
    diffId: string;
  },
): ImageConfig {
  const { Cmd: _, ...inherited } = base.config ?? {};
  return {
    architecture: base.architecture,
    os: base.os,
    created: NO_TIME,
    config: {
      ...inherited,
      Entrypoint: [...ENTRYPOINT],
      Env: inherited.Env ?? [],
      User: USER,
      Labels: sortKeys({ ...inherited.Labels, ...labels }),
    },
    rootfs: { type: "layers", diff_ids: [...base.rootfs.diff_ids, diffId] },
    history: [
      ...base.rootfs.diff_ids.map(() => ({ created: NO_TIME, comment: "the base" })),
      { created: NO_TIME, created_by: `COPY /${BINARY_NAME}`, comment: "the job" },
    ],
  };
}

function sortKeys(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).sort(([a], [b]) => a < b ? -1 : 1));
}
