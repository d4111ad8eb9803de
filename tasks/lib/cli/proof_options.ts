/**
 * The options of tasks that prove an archive.
 *
 * @module
 */

import type { Command, OptionValues } from "@commander-js/extra-typings";
import { isFile } from "../../../src/files.ts";
import { personPath } from "../person_path.ts";

/** What is trusted and admitted. A type and no interface, as commander's types ask. */
export type ProofFlags = {
  /** The base, if not the Dockerfile's. */
  base?: string;
  /** Whether `http:` URLs of this machine itself are admitted. */
  allowHttp?: true;
};

/** Adds the options of a proof. */
export function withProofOptions<A extends unknown[], O extends OptionValues>(
  command: Command<A, O>,
): Command<A, O & ProofFlags> {
  return command
    .option("--base <image>", "the base that you trust, if not the Dockerfile's", fileOrName)
    .option(
      "--allow-http",
      "admit http URLs of this machine itself",
    ) as unknown as Command<A, O & ProofFlags>;
}

/** An image's file in the person's folder, or its name. */
function fileOrName(image: string): string {
  const path = personPath(image);
  return isFile(path) ? path : image;
}
