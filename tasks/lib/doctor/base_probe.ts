/**
 * Looks for the base image of the Dockerfile.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { isFile } from "../../../src/files.ts";
import { hasProgram, runCommand } from "../process/command.ts";
import { readDockerfile } from "../image/dockerfile.ts";
import { DOCKERFILE } from "../image/export.ts";
import { parseReference } from "../image/reference.ts";
import { BLOBS, RegistryClient } from "../image/registry_client.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Probe } from "./examination.ts";

/** The base image. */
export const baseProbe: Probe = {
  name: "base image",
  neededFor: "`export`, `build` and `verify`",
  remedy:
    "use a network that reaches the registry (or set HTTPS_PROXY); or give the image's tar, from " +
    "`docker save` where it can be reached, with --base",
  async look(signal) {
    const { base } = readDockerfile(DOCKERFILE);
    const { registry, digest, ...reference } = parseReference(base);
    if (digest === undefined) return { status: "missing", seen: `${base} has no digest` };
    const isKept = (digest: string) => isFile(join(BLOBS, digest.replace("sha256:", "")));
    // What is kept isn't asked for again.
    const wasKept = isKept(digest);
    using folder = new TemporaryFolder({ prefix: "base-probe-" });
    try {
      const client = new RegistryClient({ registry, digest, ...reference }, folder.path);
      const { layers } = await client.describe(digest);
      const whole = wasKept && layers.every((layer) => isKept(layer.digest));
      return { status: "ok", seen: whole ? "in .cache" : `${registry.host} has it` };
    } catch (error) {
      if (await isInDocker(base, signal)) {
        return {
          status: "warning",
          seen: `Docker has it, but ${registry.host} doesn't answer, so \`export\` can't pull it`,
          remedy: `docker save ${base} > base.tar, and then --base base.tar`,
        };
      }
      return { status: "missing", seen: messageOf(error) };
    }
  },
};

async function isInDocker(base: string, signal: AbortSignal): Promise<boolean> {
  if (!hasProgram("docker")) return false;
  const args = ["image", "inspect", base];
  return (await runCommand({ program: "docker", args, signal })).success;
}
