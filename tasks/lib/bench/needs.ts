/**
 * What a case needs of the machine it runs on.
 *
 * @module
 */

import { join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { queryDocker } from "../image/docker.ts";
import { openBase } from "../image/base.ts";
import { readDockerfile } from "../image/dockerfile.ts";
import { DOCKERFILE } from "../image/export.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Workshop } from "./workshop.ts";

/** A part that may be missing. */
export type Need = "python3" | "requests" | "curl" | "docker" | "gzip" | "base";

/** How each part is found, and what to do where it isn't. */
const NEEDS: Record<
  Need,
  { isThere(workshop: Workshop): boolean | Promise<boolean>; install: string }
> = {
  python3: {
    isThere: () => succeeds("python3", "--version"),
    install: "Python 3 isn't installed (Debian: apt-get install python3)",
  },
  requests: {
    isThere: () => succeeds("python3", "-c", "import requests"),
    install: "Python's requests isn't installed (python3 -m pip install requests)",
  },
  curl: {
    isThere: () => succeeds("curl", "--version"),
    install: "curl isn't installed (Debian: apt-get install curl)",
  },
  docker: {
    isThere: async () => hasProgram("docker") && (await queryDocker(["version"])).success,
    install: "Docker isn't installed or its daemon doesn't answer (`docker version` says which)",
  },
  gzip: {
    isThere: () => succeeds("gzip", "--version"),
    install: "gzip isn't installed (Debian: apt-get install gzip)",
  },
  base: {
    isThere: canHaveBase,
    install: "The base image can't be had; name another with --base: an image's tar will do",
  },
};

/** Says what to install for a case; `undefined` if all is there. */
export async function whatIsMissing(
  needs: readonly Need[],
  workshop: Workshop,
): Promise<string | undefined> {
  for (const need of needs) {
    if (!await NEEDS[need].isThere(workshop)) return NEEDS[need].install;
  }
}

/** Gets the base, which also leaves it in the cache: a download isn't what is measured. */
async function canHaveBase(workshop: Workshop): Promise<boolean> {
  using folder = new TemporaryFolder({ prefix: "base-", dir: workshop.folder });
  try {
    await openBase(workshop.base ?? readDockerfile(DOCKERFILE).base, { folder: folder.path });
    return true;
  } catch (error) {
    if (error instanceof ToolError) return false;
    throw error;
  }
}

/** Whether a program is installed. */
export function hasProgram(name: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => isFile(join(folder, name)));
}

function succeeds(program: string, ...args: string[]): boolean {
  if (!hasProgram(program)) return false;
  return new Deno.Command(program, { args, stdout: "null", stderr: "null" }).outputSync().success;
}
