/**
 * A staging folder for tests.
 *
 * @module
 */

import { join } from "node:path";
import { openStaging, type Staging } from "../../src/output/staging.ts";
import { makeDatabase, SMALL_RESULTS } from "./mounts.ts";

/** A staging folder, and what is in it. */
export interface TestStaging extends Staging {
  /** The folder. */
  directory: string;
  /** The database that `copyResults` copies. */
  results: string;
  /** Reads a staged file as text. */
  text(name: string): string;
  /** The paths of all staged files, sorted. */
  names(): string[];
}

/** Gives a check a staging folder that goes away after it. */
export async function withStaging(
  check: (staging: TestStaging) => void | Promise<void>,
): Promise<void> {
  const root = Deno.makeTempDirSync({ prefix: "relay-test-" });
  try {
    const directory = join(root, "staging");
    const results = join(root, "query_results.db");
    Deno.mkdirSync(directory);
    makeDatabase(results, SMALL_RESULTS);
    await check({
      ...openStaging({ directory, results }),
      directory,
      results,
      text: (name) => Deno.readTextFileSync(join(directory, name)),
      names: () => [...filesIn(directory)].sort(),
    });
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

function* filesIn(directory: string, prefix = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(join(directory, prefix))) {
    if (isDirectory) yield* filesIn(directory, `${prefix}${name}/`);
    else yield prefix + name;
  }
}
