/**
 * Looks for the runtime that `deno compile` puts a job on.
 *
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { isFile } from "../../../src/files.ts";
import { networkReason } from "../../../src/network_reason.ts";
import { TARGET } from "../binary/compile_program.ts";
import { findTestRuntime } from "../binary/denort.ts";
import { runDeno } from "../process/deno.ts";
import { ROOT } from "../project.ts";
import type { Finding, Probe } from "./examination.ts";

/** Where Deno downloads the runtime from, and where it keeps it below its cache. */
const NAME = `release/v${Deno.version.deno}/denort-${TARGET}.zip`;
const SOURCE = `https://dl.deno.land/${NAME}`;

/** The compile runtime. */
export const runtimeProbe: Probe = {
  name: "compile runtime",
  neededFor: "`compile`, `export`, `build`, and `verify` where it makes an archive again",
  remedy:
    "compile on a network that reaches dl.deno.land (or set HTTPS_PROXY), set DENORT_BIN to a " +
    "runtime (denort) of this version, or, for tests, run `deno task denort`",
  async look(signal) {
    const given = Deno.env.get("DENORT_BIN");
    if (given) {
      return isFile(given)
        ? { status: "ok", seen: `${given} (DENORT_BIN)` }
        : missing(`DENORT_BIN names ${given}, which doesn't exist`);
    }
    const forTests = findTestRuntime();
    if (forTests !== undefined) {
      return {
        status: "warning",
        seen: `that of \`deno task denort\`, for tests: ${forTests}`,
        remedy: "for a release, remove that file to use Deno's own runtime",
      };
    }
    if (isFile(join(await denoDir(signal), "dl", NAME))) {
      return { status: "ok", seen: "in Deno's cache" };
    }
    return await askSource(signal);
  },
};

async function denoDir(signal: AbortSignal): Promise<string> {
  const { stdout } = await runDeno(["info", "--json"], { cwd: ROOT, signal });
  return v.parse(v.object({ denoDir: v.string() }), JSON.parse(stdout)).denoDir;
}

async function askSource(signal: AbortSignal): Promise<Finding> {
  try {
    const { ok, status } = await fetch(SOURCE, { method: "HEAD", signal });
    return ok
      ? { status: "ok", seen: "dl.deno.land has it; the first compile downloads it" }
      : missing(`${SOURCE} answers with ${status}`);
  } catch (error) {
    return missing(`${new URL(SOURCE).host} can't be reached: ${networkReason(error)}`);
  }
}

function missing(seen: string): Finding {
  return { status: "missing", seen };
}
