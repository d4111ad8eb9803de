/**
 * The option that says which job a task is about.
 *
 * @module
 */

import type { Command, OptionValues } from "@commander-js/extra-typings";
import { describeNetwork, type JobDescription } from "../../../src/job/description.ts";
import { personPath, shortPath } from "../person_path.ts";
import { MAIN } from "../project.ts";

/** Adds `--entry`: the job's module, absolute; the checkout's main.ts if it isn't given. */
export function withEntry<A extends unknown[], O extends OptionValues>(
  command: Command<A, O>,
): Command<A, O & { entry: string }> {
  return command.option(
    "--entry <file>",
    "the job's module",
    personPath,
    MAIN,
  ) as unknown as Command<A, O & { entry: string }>;
}

/** Says which job a task worked on, and which hosts it may connect to. */
export function describeEntry(entry: string, { name, network }: JobDescription): string {
  return `${name} (${shortPath(entry)}), network: ${describeNetwork(network)}`;
}
