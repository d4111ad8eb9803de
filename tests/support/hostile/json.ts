/** Changes of the JSON documents: index, manifests and config. */

import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { type ArchiveChanges, edit } from "../archive_parts.ts";
import { rawTar } from "../hostile_tar.ts";

type ChangeText = (text: string) => string | Uint8Array;

/** Adds text before the closing brace of the outermost object. */
function append(members: string): ChangeText {
  return (text) => text.replace(/\}(\]?)$/, `,${members}}$1`);
}

/** Ways to write the same document differently, or to hide something in it. */
function disguises(first: string): Record<string, ChangeText> {
  return {
    "a space": (text) => text.replace(":", ": "),
    "a line break behind it": (text) => `${text}\n`,
    "zeros behind it": (text) => `${text}\0\0`,
    "a byte order mark": (text) => `\ufeff${text}`,
    "an unknown member": append('"evil":true'),
    "a member that isn't UTF-8": (text) =>
      Buffer.concat([
        Buffer.from(text.replace(/\}\]?$/, "")),
        Buffer.from(',"evil":"'),
        Uint8Array.of(0xff, 0xfe),
        Buffer.from(text.endsWith("]") ? '"}]' : '"}'),
      ]),
    "an escape": (text) => text.replace(`"${first}"`, `"\\u${hex(first[0]!)}${first.slice(1)}"`),
    "a key twice": (text) => text.replace(`"${first}"`, `"${first}":null,"${first}"`),
    "a key twice, the last one other": append(`"${first}":null`),
    "a key in another case": append(`"${otherCase(first)}":null`),
    "other order": (text) => {
      const reverse = (value: object) => Object.fromEntries(Object.entries(value).reverse());
      const value = JSON.parse(text);
      return JSON.stringify(Array.isArray(value) ? value.map(reverse) : reverse(value));
    },
    "a member __proto__": append('"__proto__":{"evil":true}'),
  };
}

function hex(char: string): string {
  return char.charCodeAt(0).toString(16).padStart(4, "0");
}

function otherCase(key: string): string {
  return key === key.toLowerCase() ? key[0]!.toUpperCase() + key.slice(1) : key.toLowerCase();
}

/** Members of the config's settings that a container engine heeds, in the case that is right and others. */
const SETTINGS: Record<string, string> = {
  "another entrypoint in lower case": '"entrypoint":["/evil"]',
  "another entrypoint in upper case": '"ENTRYPOINT":["/evil"]',
  "another entrypoint after the right one": '"Entrypoint":["/evil"]',
  "another entrypoint, escaped": '"\\u0045ntrypoint":["/evil"]',
  "an entrypoint with a Kelvin sign": '"Wor\u212aingDir":"/evil"',
  "a command": '"Cmd":["/evil"]',
  "a command in lower case": '"cmd":["/evil"]',
  "variables in upper case": '"ENV":["LD_PRELOAD=/evil.so"]',
  "variables after the right ones": '"Env":["LD_PRELOAD=/evil.so"]',
  "a user in lower case": '"user":"1000"',
  "a folder in lower case": '"workingdir":"/tmp"',
  "volumes": '"Volumes":{"/mnt/input":{}}',
  "volumes in lower case": '"volumes":{"/mnt/output":{}}',
  "a health check": '"Healthcheck":{"Test":["CMD","/evil"]}',
  "a shell": '"Shell":["/evil"]',
  "ports": '"ExposedPorts":{"80/tcp":{}}',
  "a stop signal": '"StopSignal":"SIGKILL"',
  "a trigger": '"OnBuild":["RUN /evil"]',
  "escaped arguments": '"ArgsEscaped":true',
  "a network setting": '"NetworkDisabled":false',
};

/** Changes of the config by its value. */
const CONFIG_EDITS: Record<string, Parameters<typeof edit>[1]> = {
  "another machine": (config) => config.architecture = "arm64",
  "a variant": (config) => config.variant = "v3",
  "another system": (config) => config.os = "windows",
  "a system's version": (config) => config["os.version"] = "1",
  "another time": (config) => config.created = "2026-01-01T00:00:00Z",
  "an author": (config) => config.author = "evil",
  "no history": (config) => delete config.history,
  "another history": (config) => config.history[0].comment = "evil",
  "an entrypoint with arguments": (config) => config.config.Entrypoint.push("--evil"),
  "a preloaded library": (config) => config.config.Env.push("LD_PRELOAD=/evil.so"),
  "another Query Engine": (config) => config.config.Env.push("QUERY_ENGINE_URL=https://e.example"),
  "no user": (config) => delete config.config.User,
  "another user": (config) => config.config.User = "1000:1000",
  "another folder": (config) => config.config.WorkingDir = "/mnt",
  "a label of the test runtime": (config) => {
    const labels = config.config.Labels;
    const name = "org.resultrelay.runtime";
    if (name in labels) delete labels[name];
    else labels[name] = "test";
  },
  "a label of another job": (config) => config.config.Labels["org.resultrelay.job"] = "other",
  "a label of fewer rights": (config) =>
    config.config.Labels["org.resultrelay.network"] = "api.example.com:443",
  "no label of its rights": (config) => delete config.config.Labels["org.resultrelay.network"],
  "a label that a terminal obeys": (config) => config.config.Labels.evil = "\x1b[2J",
  "a label that reverses text": (config) => config.config.Labels.evil = "a\u202eb",
  "labels in another order": (config) => {
    config.config.Labels = Object.fromEntries(Object.entries(config.config.Labels).reverse());
  },
  "a container's config": (config) => config.container_config = { Cmd: ["/evil"] },
  "layers of another type": (config) => config.rootfs.type = "evil",
  "a layer less": (config) => config.rootfs.diff_ids.shift(),
  "layers in another order": (config) => config.rootfs.diff_ids.reverse(),
};

/** Changes of an image's config. */
export const HOSTILE_CONFIG: Record<string, ArchiveChanges> = Object.fromEntries([
  ...Object.entries(disguises("architecture")),
  ...Object.entries(SETTINGS).map(([what, members]) => [
    what,
    (text: string) => text.replace('"config":{', `"config":{${members},`),
  ]),
  ...Object.entries(SETTINGS).map(([what, members]) => [
    `${what}, as the last member`,
    (text: string) => text.replace(/("Labels":\{.*?\})\}/, (_, labels) => `${labels},${members}}`),
  ]),
  ...Object.entries(CONFIG_EDITS).map(([what, change]) => [
    `${what}, by value`,
    (text: string) => edit(text, change),
  ]),
  ["a second config in another case", append('"Config":{"Entrypoint":["/evil"]}')],
  ["a second list of layers in another case", append('"ROOTFS":{"type":"layers","diff_ids":[]}')],
].map(([what, config]) => [what, { config: config as ChangeText }]));

/** Changes of OCI's manifest by its value. */
const MANIFEST_EDITS: Record<string, Parameters<typeof edit>[1]> = {
  "a subject": (manifest) => manifest.subject = manifest.config,
  "annotations": (manifest) => manifest.annotations = { evil: "true" },
  "an artifact's type": (manifest) => manifest.artifactType = "evil",
  "a layer's other media type": (manifest) => manifest.layers[0].mediaType += "+gzip",
  "a layer's URL": (manifest) => manifest.layers[0].urls = ["https://evil.example/layer"],
  "a layer's data": (manifest) => manifest.layers[0].data = "ZXZpbA==",
  "a layer's other size": (manifest) => manifest.layers[0].size++,
  "another version": (manifest) => manifest.schemaVersion = 1,
  "a layer twice": (manifest) => manifest.layers.push(manifest.layers[0]),
  "layers in another order": (manifest) => manifest.layers.reverse(),
};

const INDEX_EDITS: Record<string, Parameters<typeof edit>[1]> = {
  "the image twice": (index) => index.manifests.push(index.manifests[0]),
  "an image for another machine": (index) =>
    index.manifests.push({
      ...index.manifests[0],
      digest: `sha256:${"0".repeat(64)}`,
      platform: { os: "linux", architecture: "arm64" },
    }),
  "another name": (index) => index.manifests[0].annotations.evil = "true",
  "no platform": (index) => delete index.manifests[0].platform,
  "a variant": (index) => index.manifests[0].platform.variant = "v3",
  "data": (index) => index.manifests[0].data = "ZXZpbA==",
  "a list in another case": (index) => index.Manifests = [],
  "a media type": (index) => index.mediaType = "evil",
};

const DOCKER_EDITS: Record<string, Parameters<typeof edit>[1]> = {
  "another tag": ([image]) => image.RepoTags = ["debian:latest"],
  "no tags": ([image]) => image.RepoTags = null,
  "the image twice": (images) => images.push(images[0]),
  "a parent": ([image]) => image.Parent = `sha256:${"0".repeat(64)}`,
  "layers in lower case": ([image]) => image.layers = [],
  "a config in upper case": ([image]) => image.CONFIG = "evil.json",
  "layers in another order": ([image]) => image.Layers.reverse(),
  "a layer less": ([image]) => image.Layers.shift(),
  "sources of layers": ([image]) => image.LayerSources = {},
};

/** Changes of the documents that lead to the config and the layers. */
export const HOSTILE_DOCUMENTS: Record<string, ArchiveChanges> = Object.fromEntries([
  ...[
    ...Object.entries(disguises("schemaVersion")),
    ...Object.entries(MANIFEST_EDITS).map(([what, change]) =>
      [what, (text: string) => edit(text, change)] as const
    ),
  ].map(([what, manifest]) => [`OCI's manifest with ${what}`, { manifest }]),
  ...documents("index.json", disguises("manifests"), INDEX_EDITS),
  ...documents("manifest.json", disguises("Config"), DOCKER_EDITS),
  ...documents("oci-layout", withoutOrder(disguises("imageLayoutVersion")), {
    "another version": (layout) => layout.imageLayoutVersion = "1.0.1",
  }),
]);

/** A single member has no other order. */
function withoutOrder({ "other order": _, ...rest }: Record<string, ChangeText>) {
  return rest;
}

function documents(
  name: string,
  texts: Record<string, ChangeText>,
  edits: Record<string, Parameters<typeof edit>[1]>,
): [string, ArchiveChanges][] {
  const all: [string, ChangeText][] = [
    ...Object.entries(texts),
    ...Object.entries(edits).map(([what, change]): [string, ChangeText] => [
      what,
      (text) => edit(text, change),
    ]),
  ];
  return all.map(([what, change]) => [`${name} with ${what}`, { documents: { [name]: change } }]);
}

const EMPTY_LAYER = rawTar([{ name: "etc/", type: "5", mode: 0o755 }]);

/** Changes of the list of layers. */
export const HOSTILE_LAYERS: Record<string, ArchiveChanges> = {
  "a layer between base and job": {
    layers: (tars) => [...tars.slice(0, -1), EMPTY_LAYER, tars.at(-1)!],
  },
  "a layer above the job's": { layers: (tars) => [...tars, EMPTY_LAYER] },
  "a layer below the base": { layers: (tars) => [EMPTY_LAYER, ...tars] },
  "the job's layer twice": { layers: (tars) => [...tars, tars.at(-1)!] },
  "no base": { layers: (tars) => tars.slice(-1) },
  "another base": { layers: (tars) => [EMPTY_LAYER, ...tars.slice(1)] },
  "one byte of the base changed": {
    layers: (
      [base, ...rest],
    ) => [base!.with(base!.length >> 1, base![base!.length >> 1]! ^ 1), ...rest],
  },
  "the base above the job": { layers: (tars) => tars.toReversed() },
  "a compressed layer": {
    layers: (tars) => [...tars.slice(0, -1), gzipSync(tars.at(-1)!)],
  },
};
