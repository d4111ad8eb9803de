import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { describeContents } from "../../../../tasks/lib/audit/describe_contents.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { type RawEntry, rawTar } from "../../../support/hostile_tar.ts";
import { goodParts, type ImageParts, json, makeArchive } from "../../../support/test_image.ts";

/** Describes an archive of these bytes: what was found, by its name. */
async function describe(bytes: Uint8Array): Promise<Record<string, string[]>> {
  using folder = new TemporaryFolder({ prefix: "contents-test-" });
  Deno.writeFileSync(folder.join("archive"), bytes);
  const found: Record<string, string[]> = {};
  for (const { name, seen } of await describeContents(folder.join("archive"))) {
    (found[name] ??= []).push(seen);
  }
  return found;
}

Deno.test("an image is described by what it starts, as whom, and with what", async () => {
  const { config } = goodParts();
  const settings = { Cmd: ["--flag"], Healthcheck: { Test: ["CMD", "/evil"] } };
  const found = await describe(
    makeArchive({
      ...goodParts(),
      config: { ...config, config: { ...config.config, ...settings } },
    }),
  );
  assert.deepEqual(found.starts, ['["/relay","--flag"]']);
  assert.deepEqual(found.user, ["0"]);
  assert.deepEqual(found.platform, ["linux/amd64"]);
  assert.deepEqual(found.variable, ["PATH=/bin"]);
  assert.deepEqual(found.setting, ['Healthcheck: {"Test":["CMD","/evil"]}']);
  assert.equal(found.layer?.length, 2);
  assert.match(found.label!.join(), /org\.opencontainers\.image\.title=Result Relay/);
  assert.equal(found.fault, undefined);
});

Deno.test("files that belong to no image are described", async () => {
  const found = await describe(withEntry({ name: "evil.so" }));
  assert.deepEqual(found["stray file"], ["evil.so"]);
});

Deno.test("terminal codes in an image are described as escapes", async () => {
  const { config } = goodParts();
  const Labels = { evil: "\x1b[2J\u202e" };
  const found = await describe(
    makeArchive({ ...goodParts(), config: { ...config, config: { ...config.config, Labels } } }),
  );
  assert.deepEqual(found.label, ["evil=\\u{1b}[2J\\u{202e}"]);
});

Deno.test("a layer that isn't what the config says is described so", async () => {
  const found = await describe(edited((files) => {
    files.delete("index.json");
    const [layer] = [...files.keys()].slice(-1);
    const other = rawTar([{ name: "relay", data: "other" }]);
    files.set(layer!, new Uint8Array(gzipSync(other)));
  }));
  assert.match(found.layer!.at(-1)!, /but its tar is sha256:[0-9a-f]{64}$/);
  assert.match(found.fault![0]!, /doesn't match its digest/);
});

/** What archives look like that can't be read, and what is said of each. */
const HOSTILE: Record<string, [() => Uint8Array, RegExp]> = {
  "no archive": [() => json("hello"), /can't be read as a tar/],
  "nothing": [() => new Uint8Array(), /can't be read as a tar/],
  "a tar without an image": [() => rawTar([{ name: "a" }]), /There is no image in the archive/],
  "a path out of it": [
    () => withEntry({ name: "../../evil" }),
    /"\.\.\/\.\.\/evil", which leads out/,
  ],
  "a path from the root": [() => withEntry({ name: "/etc/evil" }), /"\/etc\/evil", which leads/],
  "a name with a line break": [() => withEntry({ name: "a\nb" }), /invisible characters/],
  "a device": [() => withEntry({ name: "x", type: "4" }), /has a block-device/],
  "a name twice": [() => withEntry({ name: "index.json", data: "{}" }), /"index\.json" twice/],
  "an announced size of 8 GiB": [
    () => withEntry({ name: "huge", size: 8 * 2 ** 30 - 1 }),
    /would unpack to more than 1073741824 bytes|truncated/,
  ],
  "10,000 files": [
    () => rawTar(Array.from({ length: 10_000 }, (_, at) => ({ name: `file-${at}` }))),
    /more than 1000 entries/,
  ],
  "a file cut short": [() => makeArchive(goodParts()).subarray(0, -3000), /truncated/],
  "a gzip cut short": [
    () => gzipSync(makeArchive(goodParts())).subarray(0, -20),
    /damaged or cut short/,
  ],
  "a damaged gzip": [
    () => gzipSync(makeArchive(goodParts())).map((byte, at) => at === 300 ? byte ^ 0xff : byte),
    /can't be read as a tar|damaged or cut short/,
  ],
  "a damaged tar header": [
    () => makeArchive(goodParts()).map((byte, at) => at === 100 ? byte ^ 1 : byte),
    /can't be read as a tar/,
  ],
  "a blob that isn't what its name says": [
    () => edited((files) => files.set([...files.keys()].at(-1)!, json("other"))),
    /has 7 bytes, but the manifest says/,
  ],
  "a missing layer": [
    () => edited((files) => files.delete([...files.keys()].at(-1)!)),
    /is missing from the archive/,
  ],
  "JSON that is none": [
    () => edited((files) => files.set("index.json", new TextEncoder().encode("{"))),
    /index\.json isn't JSON/,
  ],
  "JSON of another shape": [
    () => edited((files) => files.set("index.json", json({ manifests: 7 }))),
    /index\.json doesn't have the expected shape at manifests/,
  ],
  "JSON a million levels deep": [
    () =>
      edited((files) => files.set("index.json", new TextEncoder().encode("[".repeat(1_000_000)))),
    /index\.json isn't/,
  ],
  "5 MB of JSON": [
    () => edited((files) => files.set("manifest.json", json("x".repeat(5_000_000)))),
    /the most that is read of a JSON file/,
  ],
  "10,000 layers": [
    () =>
      edited((files) => {
        const [manifest] = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
        manifest.Layers = Array(10_000).fill(manifest.Layers[0]);
        files.set("manifest.json", json([manifest]));
      }),
    /the image has 10000 layers; the most that Docker takes is 127/i,
  ],
  "two images": [
    () =>
      edited((files) => {
        const [manifest] = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
        const other = { ...manifest, Layers: manifest.Layers.toReversed() };
        files.set("manifest.json", json([manifest, other]));
      }),
    /describes 2 images; expected one/,
  ],
  "one image for Docker and another for the rest": [
    () =>
      edited((files) => {
        const [manifest] = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
        manifest.Layers.reverse();
        files.set("manifest.json", json([manifest]));
      }),
    /describe two different images/,
  ],
  "an index that is a manifest, too": [
    () =>
      edited((files) => {
        const index = JSON.parse(new TextDecoder().decode(files.get("index.json")));
        files.set("index.json", json({ ...index, layers: [] }));
      }),
    /both a list of manifests and a manifest/,
  ],
  "an index that leads nowhere": [
    () => {
      const index = json({ manifests: [{ digest: `sha256:${"0".repeat(64)}`, size: 1 }] });
      return edited((files) => files.set("index.json", index));
    },
    /is missing from the archive/,
  ],
};

function withEntry(entry: RawEntry): Uint8Array {
  return makeArchive({ ...goodParts(), entries: (entries) => [...entries, entry] });
}

function edited(edit: ImageParts["edit"]): Uint8Array {
  return makeArchive({ ...goodParts(), edit });
}

for (const [what, [make, expected]] of Object.entries(HOSTILE)) {
  Deno.test(`an archive with ${what} is described by its fault`, async () => {
    assert.match((await describe(make())).fault!.join(), expected);
  });
}
