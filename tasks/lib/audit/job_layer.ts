/**
 * Takes the program that an image starts out of its layers.
 *
 * @module
 */

import { removeIfThere } from "../../../src/files.ts";
import { saveStream } from "../hash_stream.ts";
import { type Layer, LAYER_LIMITS } from "../image/layer.ts";
import { readLayer } from "./layer_entries.ts";

/** A runtime has about 90 MiB, and a program is bounded, too. */
const MOST_BYTES = 1 << 29;

/**
 * Takes a file out of a layer.
 *
 * @param name Its name in the root folder.
 * @param output Where it goes; nothing is there afterwards if the layer has no such file.
 * @throws {ToolError} The layer isn't a whole tar, doesn't match its digest, or exceeds the limits.
 */
export async function takeFile(
  layer: Layer,
  { name, output }: { name: string; output: string },
): Promise<void> {
  const limits = { entries: LAYER_LIMITS.entries, bytes: MOST_BYTES };
  await readLayer(layer, limits, (header) => {
    if (header.name !== name || header.type !== "file") return undefined;
    return async (body) => {
      removeIfThere(output);
      await saveStream(body, output);
    };
  });
}
