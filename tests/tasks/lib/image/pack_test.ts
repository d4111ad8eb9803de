/** What `export` refuses to pack, as `verify` would refuse to read it. */

import assert from "node:assert/strict";
import { packArchive } from "../../../../tasks/lib/image/export.ts";
import { expectClaims } from "../../../../tasks/lib/image/claims.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { hashBytes } from "../../../../tasks/lib/hash.ts";
import { rawTar } from "../../../support/hostile_tar.ts";
import { fakeBinary, goodParts, json, makeBaseArchive } from "../../../support/test_image.ts";

const LAYER = rawTar([{ name: "etc/", type: "5", mode: 0o755 }]);

/** A base that has one layer so many times. */
function baseOf(layers: number): Uint8Array {
  const names = Array(layers).fill("layer.tar");
  const diffIds = Array(layers).fill(`sha256:${hashBytes(LAYER)}`);
  const rootfs = { type: "layers", diff_ids: diffIds };
  return rawTar([
    { name: "layer.tar", data: LAYER },
    { name: "config.json", data: json({ os: "linux", architecture: "amd64", rootfs }) },
    {
      name: "manifest.json",
      data: json([{ Config: "config.json", RepoTags: [], Layers: names }]),
    },
  ]);
}

async function pack(base: Uint8Array, labels: Record<string, string> = {}): Promise<void> {
  using folder = new TemporaryFolder({ prefix: "pack-test-" });
  const [path, binary] = [folder.join("base.tar"), folder.join("relay")];
  Deno.writeFileSync(path, base);
  Deno.writeFileSync(binary, fakeBinary());
  await packArchive(binary, { base: path, output: folder.join("job.tar.gz"), labels });
}

Deno.test("a base with as many layers as verify reads, but one, is packed", async () => {
  await pack(baseOf(126));
});

Deno.test("a base with which an image has too many layers is refused", async () => {
  await assert.rejects(pack(baseOf(127)), /has 128 layers .* reads is 127 layers .*smaller base/);
});

Deno.test("a label that nobody could read is refused", async () => {
  const labels = { "org.opencontainers.image.title": "Good\u202e" };
  await assert.rejects(
    pack(makeBaseArchive(goodParts()), labels),
    /a label with invisible characters, "Good\\u\{202e\}"/,
  );
});

Deno.test("a label that is longer than what verify takes is refused", async () => {
  const labels = { "org.opencontainers.image.description": "x".repeat(5000) };
  await assert.rejects(pack(makeBaseArchive(goodParts()), labels), /of 5000 characters.*limit is/);
});

Deno.test("a label of the Dockerfile that could mean something to an engine is refused", () => {
  const labels = { "org.opencontainers.image.title": "Good", "com.example.restart": "always" };
  assert.throws(() => expectClaims(labels), /label com\.example\.restart can't be exported/);
});
