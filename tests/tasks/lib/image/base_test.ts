import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { makeAgain } from "../../../../tasks/lib/audit/make_again.ts";
import { takeApart } from "../../../../tasks/lib/audit/take_apart.ts";
import { hashBytes } from "../../../../tasks/lib/hash.ts";
import { openBase } from "../../../../tasks/lib/image/base.ts";
import { packArchive } from "../../../../tasks/lib/image/export.ts";
import { jobLabels } from "../../../../tasks/lib/image/job_labels.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { canMakeBase, hasProgram } from "../../../support/artifacts.ts";
import { standInBase } from "../../../support/base_image.ts";
import { type RawEntry, rawTar } from "../../../support/hostile_tar.ts";
import { fakeBinary, goodParts, json, makeBaseArchive } from "../../../support/test_image.ts";

/** The layers' digests of a base in a file of these bytes. */
async function layersOf(bytes: Uint8Array): Promise<string[]> {
  using folder = new TemporaryFolder({ prefix: "base-test-" });
  Deno.writeFileSync(folder.join("base.tar"), bytes);
  const { layers } = await openBase(folder.join("base.tar"), { folder: folder.path });
  return layers.map(({ diffId }) => diffId);
}

const LAYER = rawTar([{ name: "etc/", type: "5", mode: 0o755 }]);
const DIFF_ID = `sha256:${hashBytes(LAYER)}`;

/** A base with its layer once or more, under these names in Docker's manifest. */
function dockerArchive(layerNames: string[], entries: RawEntry[]): Uint8Array {
  const diffIds = layerNames.map(() => DIFF_ID);
  return rawTar([
    ...entries,
    {
      name: "config.json",
      data: json({
        os: "linux",
        architecture: "amd64",
        rootfs: { type: "layers", diff_ids: diffIds },
      }),
    },
    {
      name: "manifest.json",
      data: json([{ Config: "config.json", RepoTags: [], Layers: layerNames }]),
    },
  ]);
}

Deno.test({
  name: "a base that skopeo wrote is read",
  ignore: !canMakeBase || !hasProgram("skopeo"),
  async fn() {
    using folder = new TemporaryFolder({ prefix: "base-test-" });
    const base = await standInBase();
    const copy = folder.join("copy.tar");
    const { success, stderr } = await new Deno.Command("skopeo", {
      args: ["copy", "--insecure-policy", `docker-archive:${base}`, `docker-archive:${copy}:a/b:c`],
    }).output();
    assert.ok(success, new TextDecoder().decode(stderr));
    const ids = async (path: string) => {
      using folder = new TemporaryFolder({ prefix: "base-test-" });
      return (await openBase(path, { folder: folder.path })).layers.map(({ diffId }) => diffId);
    };
    assert.deepEqual(await ids(copy), await ids(base));
  },
});

Deno.test("a base whose layer is a symlink to a blob, as podman writes it, is read", async () => {
  const bytes = dockerArchive(["abc/layer.tar"], [
    { name: "abc/layer.tar", type: "2", linkname: "../0123.tar" },
    { name: "0123.tar", data: LAYER },
  ]);
  assert.deepEqual(await layersOf(bytes), [DIFF_ID]);
});

Deno.test("a base whose repeated layer is a symlink, as Docker before 25 writes it, is read", async () => {
  const bytes = dockerArchive(["a/layer.tar", "b/layer.tar"], [
    { name: "a/layer.tar", data: LAYER },
    { name: "b/layer.tar", type: "2", linkname: "../a/layer.tar" },
  ]);
  assert.deepEqual(await layersOf(bytes), [DIFF_ID, DIFF_ID]);
});

Deno.test("a base whose layer is a hard link is read", async () => {
  const bytes = dockerArchive(["a/layer.tar", "b/layer.tar"], [
    { name: "a/layer.tar", data: LAYER },
    { name: "b/layer.tar", type: "1", linkname: "a/layer.tar" },
  ]);
  assert.deepEqual(await layersOf(bytes), [DIFF_ID, DIFF_ID]);
});

for (
  const [what, links] of Object.entries({
    "out of the archive": [{ name: "layer.tar", linkname: "../../etc/passwd" }],
    "to a file of this machine": [{ name: "layer.tar", linkname: "/etc/passwd" }],
    "in a circle": [
      { name: "layer.tar", linkname: "other.tar" },
      { name: "other.tar", linkname: "layer.tar" },
    ],
  })
) {
  Deno.test(`a base whose layer is a link ${what} is refused`, async () => {
    const entries = links.map((link) => ({ ...link, type: "2" }));
    const bytes = dockerArchive(["layer.tar"], entries);
    await assert.rejects(layersOf(bytes), /"layer\.tar" is missing from the archive/);
  });
}

Deno.test("a base with a device is refused", async () => {
  const bytes = dockerArchive(["layer.tar"], [{ name: "layer.tar", type: "3" }]);
  await assert.rejects(layersOf(bytes), /has a character-device/);
});

/** An OCI layout whose index has these entries for its one image. */
function ociArchive(entries: Record<string, unknown>[]): Uint8Array {
  const config = json({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [DIFF_ID] },
  });
  const descriptor = (bytes: Uint8Array) => ({
    digest: `sha256:${hashBytes(bytes)}`,
    size: bytes.length,
  });
  const manifest = json({ config: descriptor(config), layers: [descriptor(LAYER)] });
  const manifests = entries.map((entry) => ({ ...descriptor(manifest), ...entry }));
  return rawTar([
    { name: "index.json", data: json({ manifests }) },
    ...[manifest, config, LAYER].map((data) => ({
      name: `blobs/sha256/${hashBytes(data)}`,
      data,
    })),
  ]);
}

Deno.test("a base under two tags, which its index names twice, is read", async () => {
  const tags = ["a", "b"].map((tag) => ({
    annotations: { "org.opencontainers.image.ref.name": tag },
  }));
  assert.deepEqual(await layersOf(ociArchive(tags)), [DIFF_ID]);
});

Deno.test("a base under two tags, which Docker's manifest lists twice, is read", async () => {
  const config = json({
    os: "linux",
    architecture: "amd64",
    rootfs: { type: "layers", diff_ids: [DIFF_ID] },
  });
  const image = { Config: "config.json", Layers: ["layer.tar"] };
  const bytes = rawTar([
    { name: "config.json", data: config },
    { name: "layer.tar", data: LAYER },
    {
      name: "manifest.json",
      data: json([{ ...image, RepoTags: ["a:1"] }, { ...image, RepoTags: ["a:2"] }]),
    },
  ]);
  assert.deepEqual(await layersOf(bytes), [DIFF_ID]);
});

Deno.test("a base with variants of amd64 is refused, with their digests", async () => {
  const platform = { os: "linux", architecture: "amd64" };
  const other = `sha256:${"1".repeat(64)}`;
  const bytes = ociArchive([
    { platform },
    { digest: other, platform: { ...platform, variant: "v3" } },
  ]);
  await assert.rejects(
    layersOf(bytes),
    new RegExp(`index\\.json has 2 images .*${other} \\(variant v3\\)`, "s"),
  );
});

for (
  const [kind, bytes] of Object.entries({
    "an HTML page": new TextEncoder().encode(`\n<!DOCTYPE html><html>${"x".repeat(9999)}`),
    "an empty file": new Uint8Array(),
    "a JSON document": json({ message: "not found" }),
    "a ZIP archive": new TextEncoder().encode(`PK\x03\x04${"x".repeat(1000)}`),
    "Zstandard data": Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, ...new Uint8Array(1000)),
    "a Git LFS pointer": new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
    "a text file": new TextEncoder().encode("hello\n".repeat(200)),
    "unknown data": new Uint8Array(2000).fill(7),
  })
) {
  Deno.test(`${kind} is no archive, and is named`, async () => {
    await assert.rejects(layersOf(bytes), new RegExp(`can't be read as a tar: it is ${kind}$`));
  });

  Deno.test(`${kind}, compressed, is no archive, and is named`, async () => {
    const message = new RegExp(`can't be read as a tar: it is ${kind}$`);
    await assert.rejects(layersOf(gzipSync(bytes)), message);
  });
}

/** Layers that container engines take, and that a strict reader of tars may not. */
const ODD_LAYERS: Record<string, Uint8Array<ArrayBuffer>> = {
  "with an entry for the root": rawTar([{ name: "/", type: "5" }, { name: "./", type: "5" }]),
  "with an absolute name": rawTar([{ name: "/etc/passwd", data: "x" }]),
  "with a file twice": rawTar([{ name: "a", data: "1" }, { name: "a", data: "2" }]),
  "with a negative time": rawTar([{ name: "a", mtime: -1 }]),
  "without an end": rawTar([{ name: "a" }], { end: 0 }),
  "with a short end": rawTar([{ name: "a" }], { end: 512 }),
  "with bytes behind its end": new Uint8Array([...rawTar([{ name: "a" }]), ...Array(512).fill(1)]),
  "that is no tar": new TextEncoder().encode("hello"),
};

for (const [what, layer] of Object.entries(ODD_LAYERS)) {
  Deno.test(`a base with a layer ${what} is packed by export and made again by verify`, async () => {
    using folder = new TemporaryFolder({ prefix: "base-test-" });
    const [base, binary] = [folder.join("base.tar"), folder.join("relay")];
    Deno.writeFileSync(base, makeBaseArchive({ ...goodParts(), base: layer }));
    Deno.writeFileSync(binary, fakeBinary());
    const job = { name: "job", network: [], stock: false };
    const labels = jobLabels(job);
    const { path } = await packArchive(binary, { base, output: folder.join("job.tar.gz"), labels });
    Deno.mkdirSync(folder.join("parts"));
    const parts = await takeApart(path, folder.join("parts"));
    const { differences } = await makeAgain(path, parts.labels, {
      base,
      makeBinary: async (output) => {
        await Deno.copyFile(parts.binary, output);
        return job;
      },
    });
    assert.deepEqual(differences, []);
  });
}
