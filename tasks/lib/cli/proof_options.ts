/**
 * The options of tasks that prove an archive.
 *
 * @module
 */

import type { Command, OptionValues } from "@commander-js/extra-typings";
import type { ProofOptions } from "../audit/prove.ts";
import { compareSource } from "../builder_source/compare_source.ts";
import { ToolError } from "../errors.ts";
import { fileOrName, personPath } from "../person_path.ts";

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
      "allow http URLs on this machine",
    ) as unknown as Command<A, O & ProofFlags>;
}

/** The builder's source. A type and no interface, as commander's types ask. */
export type SourceFlags = {
  /** The builder's checkout. */
  source?: string;
  /** The job's module in it. */
  entry?: string;
};

/** Adds the options of a comparison with the builder's source. */
export function withSourceOptions<A extends unknown[], O extends OptionValues>(
  command: Command<A, O>,
): Command<A, O & SourceFlags> {
  return command
    .option(
      "--source <dir>",
      "the builder's checkout, which must make the same program",
      personPath,
    )
    .option(
      "--entry <file>",
      "the job's module in that checkout, if not main.ts",
    ) as unknown as Command<A, O & SourceFlags>;
}

/**
 * How a program is compared with the builder's source.
 *
 * @returns `undefined` if no source is given.
 * @throws {ToolError} There is an entry without a source.
 */
export function sourceOf({ source: dir, entry }: SourceFlags): ProofOptions["compareSource"] {
  if (dir !== undefined) return (program) => compareSource({ dir, entry }, program);
  if (entry === undefined) return undefined;
  throw new ToolError("--entry says which job of --source is meant; expected --source too");
}
