/**
 * The modules that a job is made of, found without running them.
 *
 * @module
 */

import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as v from "valibot";
import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";
import { explainDeno } from "./deno_message.ts";

/** The modules of a job. */
export interface Modules {
  /** The local files among them, absolute; also one that is imported and doesn't exist. */
  files: string[];
  /** What is wrong with them: syntax errors, and imports that lead nowhere. */
  errors: string[];
}

const Graph = v.object({
  modules: v.array(v.object({
    specifier: v.string(),
    error: v.optional(v.string()),
    dependencies: v.optional(
      v.array(v.object({
        code: v.optional(v.object({
          specifier: v.optional(v.string()),
          error: v.optional(v.string()),
          span: v.object({ start: v.object({ line: v.number(), character: v.number() }) }),
        })),
      })),
      [],
    ),
  })),
});

/**
 * Reads the modules of a job.
 *
 * @param entry The job's module.
 * @throws {ToolError} They can't be found out: a library of theirs isn't locked or available.
 */
export async function readModules(entry: string): Promise<Modules> {
  const path = resolve(entry);
  const { success, stdout, stderr } = await runDeno(
    ["info", "--json", ...DENO_PROJECT_ARGS, pathToFileURL(path).href],
    { cwd: ROOT },
  );
  if (!success) throw new ToolError(explainDeno(stderr));
  const { modules } = v.parse(Graph, JSON.parse(stdout));
  const broken = new Map(
    modules.flatMap(({ specifier, error }) => error === undefined ? [] : [[specifier, error]]),
  );
  const errors: string[] = [];
  for (const { specifier, dependencies } of modules) {
    for (const { code } of dependencies) {
      const missing = code?.error ?? missingModule(broken.get(code?.specifier ?? ""));
      if (code === undefined || missing === undefined) continue;
      const { line, character } = code.span.start;
      errors.push(explainDeno(`${specifier}:${line + 1}:${character + 1}: ${missing}`));
    }
  }
  for (const error of broken.values()) {
    if (missingModule(error) === undefined) errors.push(explainDeno(error));
  }
  const files = modules.flatMap(({ specifier }) =>
    specifier.startsWith("file:") ? [fileURLToPath(specifier)] : []
  );
  return { files, errors };
}

/** Such an error is told of where the module is imported. */
function missingModule(error: string | undefined): string | undefined {
  return error?.startsWith("Module not found") ? error : undefined;
}
