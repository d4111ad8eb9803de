import assert from "node:assert/strict";
import { dirname } from "node:path";
import { hashFile } from "../../tasks/lib/hash.ts";
import { unpackArchive } from "../../tasks/lib/image/archive.ts";
import { readImage } from "../../tasks/lib/image/archived_image.ts";
import type { ImageConfig } from "../../tasks/lib/image/config.ts";
import { thisVersion } from "../../tasks/lib/release/releases.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import {
  canCompile,
  canMakeBase,
  hasProgram,
  runtimeEnv,
  sharedArchive,
} from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { Checkout } from "../support/checkout.ts";
import { canRunRegistry, TestRegistry } from "../support/registry.ts";
import { runTask } from "../support/run.ts";

const ignore = !(canCompile && canMakeBase);

Deno.test({
  name: "export from another checkout, by way of a registry, makes the same archive",
  ignore: ignore || !canRunRegistry,
  async fn() {
    await using registry = await TestRegistry.start();
    const base = await registry.push(await standInBase(), "distroless/stand-in");
    using checkout = new Checkout("another/place", { mtime: 1_500_000_000 });
    const output = checkout.join("dist/renamed.tar.gz");
    const { code, stdout, stderr } = await checkout.run(
      "export",
      ["--output", output, "--base", base],
      runtimeEnv(),
    );
    assert.equal(code, 0, stderr);
    const expected = hashFile(await sharedArchive());
    assert.equal(hashFile(output), expected);
    assert.match(stdout, new RegExp(`SHA-256 +${expected}\n`));
    assert.match(stdout, /image +sha256:[0-9a-f]{64}\n/);
    assert.match(stdout, /unpacked \d+\.\d MiB/);
    assert.match(stderr, /Next: audit it with `deno task verify/);
    assert.match(stderr, /^Checking types\.\.\.\nCompiling\.\.\.\n/, "a sign of life");
    const [, command] = /^ {2}check +(.+)$/m.exec(stdout)!;
    const check = await new Deno.Command("sh", { args: ["-c", command!], cwd: "/" }).output();
    assert.ok(check.success, "the command that checks the archive");
    const kept = [...Deno.readDirSync(checkout.join(".cache/blobs"))];
    assert.equal(kept.length, 3, "manifest, config and one layer");
  },
});

/** The config of an archive's image. */
async function configOf(archive: string): Promise<ImageConfig> {
  using folder = new TemporaryFolder({ prefix: "export-test-" });
  const files = await unpackArchive(archive, { folder: folder.path, what: "The archive" });
  return readImage(files).config;
}

Deno.test({
  name: "an archive names version and repository, and the commit only if it is given",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "export-test-" });
    const output = folder.join("job.tar.gz");
    const commit = "0123456789ABCDEF0123456789abcdef01234567";
    const { code, stderr } = await runTask(
      "export",
      ["--output", output, "--base", await standInBase(), "--revision", commit],
    );
    assert.equal(code, 0, stderr);
    const labels = (await configOf(await sharedArchive())).config!.Labels!;
    assert.equal(labels["org.opencontainers.image.version"], thisVersion());
    assert.match(labels["org.opencontainers.image.source"]!, /^https:/);
    assert.deepEqual((await configOf(output)).config!.Labels, {
      ...labels,
      "org.opencontainers.image.revision": commit.toLowerCase(),
    });
  },
});

for (const revision of ["main", "0123456", "0".repeat(41), `${"0".repeat(39)}g`, ""]) {
  Deno.test(`--revision ${JSON.stringify(revision)} is refused`, async () => {
    const { code, stderr } = await runTask("export", [`--revision=${revision}`]);
    assert.equal(code, 1);
    assert.match(stderr, /expected a commit: 40 hexadecimal digits/);
  });
}

Deno.test({
  name: "sha256sum takes the checksum that export writes",
  ignore: ignore || !hasProgram("sha256sum"),
  async fn() {
    const archive = await sharedArchive();
    const { success } = await new Deno.Command("sha256sum", {
      args: ["--check", "--strict", `${archive}.sha256`],
      cwd: dirname(archive),
    }).output();
    assert.ok(success);
  },
});

Deno.test({
  name: "the archive is a gzip that names no time, file or system",
  ignore,
  async fn() {
    const head = new Uint8Array(10);
    using file = Deno.openSync(await sharedArchive());
    file.readSync(head);
    assert.deepEqual([...head], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  },
});

for (const transport of ["oci-archive", "docker-archive"]) {
  Deno.test({
    name: `buildah takes the unpacked archive as ${transport}`,
    ignore: ignore || !hasProgram("buildah"),
    async fn() {
      using folder = new TemporaryFolder({ prefix: "buildah-" });
      const tar = folder.join("archive.tar");
      const archive = await Deno.open(await sharedArchive());
      await archive.readable.pipeThrough(new DecompressionStream("gzip"))
        .pipeTo((await Deno.create(tar)).writable);
      const storage = [`--root=${folder.join("root")}`, `--runroot=${folder.join("run")}`]
        .concat("--storage-driver=vfs");
      const buildah = async (...args: string[]) => {
        const { success, stdout, stderr } = await new Deno.Command("buildah", {
          args: [...storage, ...args],
          env: { TMPDIR: folder.path },
        }).output();
        assert.ok(success, new TextDecoder().decode(stderr));
        return new TextDecoder().decode(stdout).trim();
      };
      const id = await buildah("pull", "--quiet", `${transport}:${tar}`);
      const inspected = JSON.parse(await buildah("inspect", "--type=image", id));
      assert.deepEqual(inspected.OCIv1.config.Entrypoint, ["/relay"]);
    },
  });
}

Deno.test({
  name: "an export that fails keeps the earlier archive and leaves nothing else",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "export-test-" });
    const output = folder.join("job.tar.gz");
    Deno.writeTextFileSync(output, "earlier");
    const base = folder.join("base.tar");
    Deno.writeTextFileSync(base, "no tar");
    const { code, stderr } = await runTask("export", ["--output", output, "--base", base]);
    assert.equal(code, 1);
    assert.match(stderr, /base\.tar can't be read as a tar/);
    assert.equal(Deno.readTextFileSync(output), "earlier");
    assert.deepEqual([...Deno.readDirSync(folder.path)].length, 2);
  },
});
