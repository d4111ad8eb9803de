/**
 * A stand-in for the distroless base, made of Debian's packages: where the registry is out of reach,
 * and so that tests need none. `deno run -A tests/support/base_image.ts` makes it and prints its path.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashFile } from "../../tasks/lib/hash.ts";
import { CACHE } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { withLock } from "./lock.ts";

/** What the binary needs, and what distroless/cc has; base-files first, for its folders. */
const PACKAGES = ["base-files", "libc6", "libgcc-s1", "ca-certificates"];
const LEFT_OUT = ["doc", "info", "lintian", "locale", "man"].map((name) => `usr/share/${name}`);

const CONFIG = {
  architecture: "amd64",
  os: "linux",
  config: {
    Env: [
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
    ],
    User: "0",
    WorkingDir: "/",
    // A new entrypoint must clear it.
    Cmd: ["/bin/false"],
  },
};

/** The name that `docker load` gives it. */
export const BASE_NAME = "relay-base:stand-in";

/** Makes the base, as `docker save` would write it, unless it is there, and returns its path. */
export async function standInBase(): Promise<string> {
  const recipe = hashFile(fileURLToPath(import.meta.url)).slice(0, 8);
  const path = join(CACHE, `stand-in-base-${recipe}.tar`);
  await withLock("stand-in-base", async () => {
    try {
      Deno.statSync(path);
    } catch {
      await make(path);
    }
  });
  return path;
}

async function make(path: string): Promise<void> {
  using folder = new TemporaryFolder({ prefix: ".base-", dir: CACHE });
  const root = folder.join("root");
  Deno.mkdirSync(root);
  for (const name of PACKAGES) {
    const before = namesIn(folder.path);
    await run(["apt-get", "download", "-q", name], folder.path);
    const [deb] = namesIn(folder.path).filter((name) => !before.includes(name));
    await run(["dpkg-deb", "-x", deb!, root], folder.path);
  }
  for (const name of LEFT_OUT) {
    await run(["rm", "-rf", join(root, name)], folder.path);
  }
  await tar(folder.join("layer.tar"), root, ["."]);
  const config = JSON.stringify({
    ...CONFIG,
    rootfs: { type: "layers", diff_ids: [`sha256:${hashFile(folder.join("layer.tar"))}`] },
  });
  Deno.writeTextFileSync(folder.join("config.json"), config);
  const name = `${hashFile(folder.join("config.json"))}.json`;
  Deno.renameSync(folder.join("config.json"), folder.join(name));
  Deno.writeTextFileSync(
    folder.join("manifest.json"),
    JSON.stringify([{ Config: name, RepoTags: [BASE_NAME], Layers: ["layer.tar"] }]),
  );
  await tar(folder.join("image.tar"), folder.path, [name, "manifest.json", "layer.tar"]);
  Deno.renameSync(folder.join("image.tar"), path);
}

async function tar(output: string, folder: string, names: string[]): Promise<void> {
  const owner = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@0"];
  await run(["tar", "-cf", output, ...owner, "-C", folder, ...names], folder);
}

async function run([program, ...args]: string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(program!, { args, cwd }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

// deno-lint-ignore no-console
if (import.meta.main) console.log(await standInBase());
