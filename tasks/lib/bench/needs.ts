/**
 * What a case needs of the machine it runs on.
 *
 * @module
 */

import { hasProgram, runCommand } from "../process/command.ts";
import { ToolError } from "../errors.ts";
import { queryDocker } from "../image/docker.ts";
import { openBase } from "../image/base.ts";
import { readDockerfile } from "../image/dockerfile.ts";
import { DOCKERFILE } from "../image/export.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Workshop } from "./workshop.ts";

/** A requirement of a case. */
export type Need = "python3" | "requests" | "curl" | "docker" | "gzip" | "base";

/** How each requirement is checked, and how to meet it. */
const NEEDS: Record<
  Need,
  { isMet(workshop: Workshop): boolean | Promise<boolean>; install: string }
> = {
  python3: {
    isMet: () => succeeds("python3", "--version"),
    install: "Python 3 isn't installed (Debian: apt-get install python3)",
  },
  requests: {
    isMet: () => succeeds("python3", "-c", "import requests"),
    install: "Python's requests isn't installed (python3 -m pip install requests)",
  },
  curl: {
    isMet: () => succeeds("curl", "--version"),
    install: "curl isn't installed (Debian: apt-get install curl)",
  },
  docker: {
    isMet: async () => hasProgram("docker") && (await queryDocker(["version"])).success,
    install: "Docker isn't installed or its daemon doesn't answer (`docker version` says which)",
  },
  gzip: {
    isMet: () => succeeds("gzip", "--version"),
    install: "gzip isn't installed (Debian: apt-get install gzip)",
  },
  base: {
    isMet: hasBase,
    install: "The base image isn't available here; an image's tar can take its place",
  },
};

/** What to install for a case; `undefined` if nothing is missing. */
export async function whatIsMissing(
  needs: readonly Need[],
  workshop: Workshop,
): Promise<string | undefined> {
  for (const need of needs) {
    if (!await NEEDS[need].isMet(workshop)) return NEEDS[need].install;
  }
}

/** Opens the base, which also puts it into the cache: the download isn't measured. */
async function hasBase(workshop: Workshop): Promise<boolean> {
  using folder = new TemporaryFolder({ prefix: "base-", dir: workshop.folder });
  try {
    await openBase(workshop.base ?? readDockerfile(DOCKERFILE).base, { folder: folder.path });
    return true;
  } catch (error) {
    if (error instanceof ToolError) return false;
    throw error;
  }
}

async function succeeds(program: string, ...args: string[]): Promise<boolean> {
  return hasProgram(program) && (await runCommand({ program, args })).success;
}
