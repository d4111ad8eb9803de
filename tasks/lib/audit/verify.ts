/**
 * Audits an archive: what is in it, what it may do, and whether this checkout makes the same.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { isOnTestRuntime } from "../binary/denort.ts";
import { readElfHeader } from "../binary/elf.ts";
import { hashFile } from "../hash.ts";
import { saveStream } from "../hash_stream.ts";
import {
  describePermissions,
  readBakedPermissions,
  samePermissions,
  workerPermissions,
} from "../binary/permissions.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { type ArchivedImage, checkBlobs, readImage, unpackArchive } from "../image/archive.ts";
import { baseDiffIds } from "../image/base.ts";
import { compareImages } from "./compare.ts";
import type { ImageConfig } from "../image/config.ts";
import { type ImageRecipe, readDockerfile } from "../image/dockerfile.ts";
import { checksumFile, DOCKERFILE, exportArchive } from "../image/export.ts";
import { LAYER_LIMITS, readLayer } from "../image/layer.ts";
import { RUNTIME_LABEL, TEST_RUNTIME_VALUE } from "../image/runtime_label.ts";
import { fetchArchive, isUrl } from "./fetch_archive.ts";
import type { TarHeader } from "../image/tar.ts";

/** One thing that was looked at. */
export interface Check {
  /** What was looked at, in a word. */
  name: string;
  /** Whether it is as it should be; `warn` is for what the person must judge. */
  status: "ok" | "warn" | "fail";
  /** What was seen, on one line. */
  seen: string;
}

/** What an audit found. */
export interface Audit {
  /** Whether no check failed. */
  ok: boolean;
  /** The checks, in the order they were made; after one that ends the audit there are no more. */
  checks: Check[];
  /** The archive's SHA-256, in hexadecimal: what is registered. */
  sha256: string;
  /** The archive's length in bytes. */
  size: number;
  /** The config's digest, if the audit came so far. */
  imageId?: string;
  /** The image's labels, if the audit came so far. */
  labels?: Record<string, string>;
  /** The binary's SHA-256, if the audit came so far. */
  binarySha256?: string;
  /** Whether the binary is on the runtime of `deno task denort`, if the audit came so far. */
  onTestRuntime?: boolean;
}

/** Options of {@linkcode verify}. */
export interface VerifyOptions {
  /** The SHA-256 that is expected, in hexadecimal; also as `sha256:HEX` or `0xHEX`. */
  sha256?: string;
  /**
   * Export this checkout and compare.
   *
   * @default false
   */
  rebuild?: boolean;
  /**
   * The base that is expected.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /**
   * Admit `http:` URLs that lead to this machine itself.
   *
   * @default false
   */
  allowHttp?: boolean;
}

/**
 * Audits an archive. What is wrong with it is in the checks, not thrown: archives come from anyone.
 *
 * @param source A file, or an `https:` URL.
 * @throws {ToolError} There is nothing to audit: no such file, or a URL that gives no archive.
 */
export async function verify(source: string, options: VerifyOptions = {}): Promise<Audit> {
  const expected = options.sha256 === undefined ? undefined : parseSha256(options.sha256);
  using folder = new TemporaryFolder({ prefix: "verify-" });
  const archive = await fetchArchive(source, {
    path: folder.join("archive"),
    allowHttp: options.allowHttp ?? false,
  });
  const { sha256, size } = archive;
  const audit: Audit = { ok: false, checks: [], sha256, size };
  const checks = new Checks(audit.checks);
  checks.add("sha256", compareSha256(sha256, expected, source));
  await checks.untilFailure(() => inspect(audit, checks, archive.path, folder, options));
  audit.ok = audit.checks.every(({ status }) => status !== "fail");
  return audit;
}

/** Reads the SHA-256 that a person or a contract gave. */
function parseSha256(text: string): string {
  const [, hex] = /^(?:sha256:|0x)?([0-9a-f]{64})$/i.exec(text) ?? [];
  if (hex !== undefined) return hex.toLowerCase();
  throw new ToolError(
    `${JSON.stringify(text)} is no SHA-256; expected 64 hexadecimal digits`,
  );
}

/** What one look found. */
type Finding = Omit<Check, "name">;

/** The list of checks as it grows. */
class Checks {
  readonly #list: Check[];

  constructor(list: Check[]) {
    this.#list = list;
  }

  add(name: string, { status, seen }: Finding): void {
    this.#list.push({ name, status, seen: printable(seen) });
  }

  /** Makes a check that yields a value; if it throws, that is the check's failure and the audit's end. */
  async step<T>(name: string, look: () => Promise<T> | T, seen: (value: T) => string): Promise<T> {
    let value: T;
    try {
      value = await look();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.add(name, fail(error.message));
      throw new Ended();
    }
    this.add(name, ok(seen(value)));
    return value;
  }

  async untilFailure(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
  }
}

/** Thrown where an audit can't go on. */
class Ended extends Error {}

function ok(seen: string): Finding {
  return { status: "ok", seen };
}

function warn(seen: string): Finding {
  return { status: "warn", seen };
}

function fail(seen: string): Finding {
  return { status: "fail", seen };
}

/** Text from an archive may hold anything: no terminal codes, one line, not too long. */
export function printable(text: string): string {
  // deno-lint-ignore no-control-regex
  const line = text.replaceAll(/[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/g, " ");
  return line.length > 1000 ? `${line.slice(0, 1000)}...` : line;
}

async function inspect(
  audit: Audit,
  checks: Checks,
  path: string,
  folder: TemporaryFolder,
  options: VerifyOptions,
): Promise<void> {
  const recipe = readDockerfile(DOCKERFILE);
  const files = await checks.step(
    "archive",
    () => unpackArchive(path, { folder: folder.path, what: "The archive" }),
    (files) => `${files.size} files, nothing that leads out of it`,
  );
  await checks.step("blobs", () => checkBlobs(files), (count) => `${count} match their digests`);
  const image = await checks.step(
    "image",
    () => readImage(files),
    ({ imageId, formats }) => `${imageId}, described for ${formats.join(" and ")}`,
  );
  const { config } = image;
  audit.imageId = image.imageId;
  audit.labels = config.config?.Labels ?? {};
  if (image.strays.length > 0) {
    checks.add("strays", fail(`files that belong to no image: ${list(image.strays)}`));
  }
  checks.add("platform", checkPlatform(config));
  checks.add("entrypoint", checkEntrypoint(config, recipe));
  checks.add("user", checkUser(config, recipe));
  checks.add("env", checkEnv(config, recipe));
  checks.add("labels", checkLabels(config, recipe));
  checks.add("settings", checkSettings(config));
  const binary = folder.join("binary");
  const name = (config.config?.Entrypoint?.[0] ?? "").replace(/^\/+/, "");
  const contents = await checks.step(
    "layers",
    () => readLayers(image, { name, binary }),
    (layers) => `${layers.length}, each matches its digest`,
  );
  const { finding, layers: below } = await checkBase(image, contents, options.base ?? recipe.base);
  checks.add("base", finding);
  checks.add("files", checkFiles(contents.slice(below), name));
  if (!isFile(binary)) {
    return checks.add("binary", fail("the entrypoint is not a file of the image"));
  }
  audit.binarySha256 = hashFile(binary);
  checkBinary(audit, checks, binary);
  if (options.rebuild === true) checks.add("rebuild", await rebuild(audit, image, binary, options));
}

function compareSha256(actual: string, expected: string | undefined, source: string): Finding {
  if (expected !== undefined) {
    return actual === expected
      ? ok(`${actual}, as expected`)
      : fail(`${actual}, but expected ${expected}`);
  }
  const beside = isUrl(source) ? undefined : readChecksum(source);
  if (beside === undefined) {
    return warn(`${actual}, compared with nothing: give --sha256 with the one you were told`);
  }
  const name = checksumFile(basename(source));
  return actual === beside
    ? ok(`${actual}, as in ${name}`)
    : fail(`${actual}, but ${name} says ${beside}`);
}

function readChecksum(archive: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(checksumFile(archive));
    return /^[0-9a-f]{64}(?=\s)/.exec(text)?.[0] ?? "something that is no SHA-256";
  } catch {
    return undefined;
  }
}

function checkPlatform({ os, architecture }: ImageConfig): Finding {
  const platform = `${os}/${architecture}`;
  return platform === "linux/amd64" ? ok(platform) : fail(`${platform}, but expected linux/amd64`);
}

function checkEntrypoint({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const entrypoint = JSON.stringify(config?.Entrypoint ?? []);
  const expected = JSON.stringify(recipe.entrypoint);
  const command = config?.Cmd ?? [];
  if (command.length > 0) return fail(`${entrypoint} with the command ${JSON.stringify(command)}`);
  return entrypoint === expected ? ok(entrypoint) : fail(`${entrypoint}, but expected ${expected}`);
}

function checkUser({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const user = config?.User ?? "";
  const folder = config?.WorkingDir || "/";
  const seen = `${isRoot(user) ? "root" : user}, starting in ${folder}`;
  if (recipe.workingDirectory !== undefined && folder !== recipe.workingDirectory) {
    return fail(`${seen}, but expected to start in ${recipe.workingDirectory}`);
  }
  if (recipe.user === undefined || user === recipe.user) return ok(seen);
  if (isRoot(user) && isRoot(recipe.user)) return ok(seen);
  return fail(`${seen}, but expected ${recipe.user}`);
}

function isRoot(user: string): boolean {
  return /^(|0|root)(:(0|root))?$/.test(user);
}

/** What bases set, and the worker has no use for. */
const HARMLESS_ENV = ["PATH", "SSL_CERT_FILE"];

function checkEnv({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const env = config?.Env ?? [];
  const unexpected = env.filter((line) => {
    const [name = "", value = ""] = line.split(/=(.*)/s);
    return !HARMLESS_ENV.includes(name) && recipe.env[name] !== value;
  });
  if (unexpected.length > 0) {
    return fail(`${list(unexpected)}, which the Dockerfile of this checkout doesn't set`);
  }
  return ok(env.length === 0 ? "nothing" : env.join(", "));
}

function checkLabels({ config }: ImageConfig, recipe: ImageRecipe): Finding {
  const labels = config?.Labels ?? {};
  const seen = list(Object.entries(labels).map(([name, value]) => `${name}=${value}`)) || "none";
  const missing = Object.entries(recipe.labels).filter(([name, value]) => labels[name] !== value);
  if (missing.length === 0) return ok(seen);
  const expected = missing.map(([name, value]) => `${name}=${value}`);
  return warn(`${seen}; the Dockerfile of this checkout says ${list(expected)}`);
}

/** Settings that change what runs, or what the engine sees, and that no job here needs. */
const UNUSED_SETTINGS = [
  "ExposedPorts",
  "Healthcheck",
  "OnBuild",
  "Shell",
  "StopSignal",
  "Volumes",
];

function checkSettings({ config }: ImageConfig): Finding {
  const set = UNUSED_SETTINGS.filter((name) => {
    const value = config?.[name];
    return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : value;
  });
  return set.length === 0
    ? ok(`none of ${UNUSED_SETTINGS.join(", ")}`)
    : fail(`the image has ${list(set)}`);
}

/** Reads every layer, checks its digest, and keeps the program that the image starts. */
async function readLayers(
  { layers }: ArchivedImage,
  { name, binary }: { name: string; binary: string },
): Promise<TarHeader[][]> {
  const contents: TarHeader[][] = [];
  let { entries, bytes } = LAYER_LIMITS as { entries: number; bytes: number };
  for (const layer of layers) {
    const headers: TarHeader[] = [];
    contents.push(headers);
    const read = await readLayer(layer, { entries, bytes }, (header) => {
      headers.push(header);
      if (header.name !== name || header.type !== "file") return undefined;
      // A layer above replaces what one below has.
      return async (body) => {
        if (isFile(binary)) Deno.removeSync(binary);
        await saveStream(body, binary);
      };
    });
    entries -= headers.length;
    bytes -= read;
  }
  return contents;
}

/** Compares the layers under the job's with the base that is expected. */
async function checkBase(
  { layers, config }: ArchivedImage,
  contents: TarHeader[][],
  base: string,
): Promise<{ finding: Finding; layers: number }> {
  const below = Math.max(0, layers.length - 1);
  const described = `${countLayers(below)} below the job's`;
  const risks = contents.slice(0, below).flat().filter(isRisky).map(({ name }) => name);
  const risky = risks.length === 0
    ? "no setuid files or devices in them"
    : `setuid files or devices in them: ${list(risks)}`;
  let known: string[];
  try {
    using folder = new TemporaryFolder({ prefix: "verify-base-" });
    known = await baseDiffIds(base, folder.path);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    const seen = `${described}; can't tell whether they are ${base} (${error.message}); ${risky}`;
    return { finding: risks.length === 0 ? warn(seen) : fail(seen), layers: below };
  }
  const own = config.rootfs.diff_ids;
  if (known.length < own.length && known.every((id, at) => id === own[at])) {
    return { finding: ok(`${base}, ${countLayers(known.length)}`), layers: known.length };
  }
  return { finding: fail(`${described} are not ${base}; ${risky}`), layers: below };
}

function countLayers(count: number): string {
  return `${count} ${count === 1 ? "layer" : "layers"}`;
}

function isRisky({ type, mode = 0 }: TarHeader): boolean {
  return type?.endsWith("-device") === true || (type === "file" && (mode & 0o6000) !== 0);
}

/** The job's layers may add one file: the program, executable, owned by root, and nothing special. */
function checkFiles(contents: TarHeader[][], name: string): Finding {
  const headers = contents.flat();
  const [only, ...more] = headers;
  if (only === undefined || more.length > 0 || only.name !== name) {
    const names = headers.map(({ name, type }) => type === "file" ? name : `${name} (${type})`);
    return fail(`expected just ${name || "the entrypoint"}, got ${list(names) || "nothing"}`);
  }
  const { type, mode = 0, uid, gid, pax = {} } = only;
  const seen = `${name}, ${type}, mode ${mode.toString(8)}, owner ${uid}:${gid}`;
  const attributes = Object.keys(pax).filter((key) => key.startsWith("SCHILY."));
  if (attributes.length > 0) return fail(`${seen}, with ${list(attributes)}`);
  return type === "file" && (mode & 0o7777) === 0o755 && uid === 0 && gid === 0
    ? ok(`${seen}, and nothing else`)
    : fail(`${seen}; expected a file, mode 755, owner 0:0`);
}

function checkBinary(audit: Audit, checks: Checks, binary: string): void {
  const { size } = Deno.statSync(binary);
  const elf = readElfHeader(binary);
  if (elf === undefined) {
    return checks.add("binary", fail(`${size} bytes, not a 64-bit ELF program`));
  }
  const seen = `ELF ${elf.machine}, ${size} bytes, SHA-256 ${audit.binarySha256}`;
  checks.add("binary", elf.machine === "x86_64" ? ok(seen) : fail(`${seen}; expected x86_64`));
  audit.onTestRuntime = isOnTestRuntime(binary, elf.end);
  const labelled = audit.labels?.[RUNTIME_LABEL] === TEST_RUNTIME_VALUE;
  checks.add("runtime", checkRuntime(audit.onTestRuntime, labelled, hashFile(binary, elf.end)));
  const permissions = readBakedPermissions(binary, elf.end);
  if (permissions === undefined) {
    return checks.add("permissions", fail("the program doesn't say; Deno 2.6 didn't compile it"));
  }
  const expected = workerPermissions();
  const described = describePermissions(permissions);
  checks.add(
    "permissions",
    samePermissions(permissions, expected)
      ? ok(described)
      : fail(`${described}, but expected ${describePermissions(expected)}`),
  );
}

function checkRuntime(onTestRuntime: boolean, labelled: boolean, sha256: string): Finding {
  const label = `${RUNTIME_LABEL}=${TEST_RUNTIME_VALUE}`;
  if (onTestRuntime) {
    const seen = "the runtime of `deno task denort`, not known to be Deno's own";
    return labelled ? warn(`${seen} (labelled ${label})`) : warn(`${seen}, and no label says so`);
  }
  if (labelled) return fail(`labelled ${label}, but it is another one (SHA-256 ${sha256})`);
  return ok(`SHA-256 ${sha256}; --rebuild tells whether it is the one you have`);
}

/** Exports this checkout, and says where the archive differs. */
async function rebuild(
  audit: Audit,
  image: ArchivedImage,
  binary: string,
  { base }: VerifyOptions,
): Promise<Finding> {
  using folder = new TemporaryFolder({ prefix: "verify-rebuild-" });
  const output = folder.join("rebuilt.tar.gz");
  try {
    const rebuilt = await exportArchive({ output, base, binary: folder.join("binary") });
    if (rebuilt.sha256 === audit.sha256) return ok("this checkout makes the same, byte for byte");
    const files = join(dirname(output), "files");
    Deno.mkdirSync(files);
    const other = readImage(await unpackArchive(output, { folder: files }));
    const differences = compareImages(
      { image, binary },
      { image: other, binary: rebuilt.binary.path },
    );
    return fail(`this checkout makes ${rebuilt.sha256}; ${differences.join("; ")}`);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    return fail(`can't be done: ${error.message}`);
  }
}

function list(items: readonly string[]): string {
  const shown = items.slice(0, 10).join(", ");
  return items.length > 10 ? `${shown} and ${items.length - 10} more` : shown;
}
