import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { hashBytes, hashFile } from "../../tasks/lib/hash.ts";
import { ARCHIVE_LIMITS } from "../../tasks/lib/image/archive.ts";
import { type Audit, auditArchive, type AuditOptions } from "../../tasks/lib/audit/audit.ts";
import { RUNTIME_LABEL } from "../../tasks/lib/image/runtime_label.ts";
import { sha256Hex } from "../../tasks/lib/options.ts";
import { DENO_PROJECT_ARGS } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canCompile, canMakeBase, hasProgram, sharedArchive } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { paxEntry, type RawEntry, rawTar } from "../support/hostile_tar.ts";
import { runTask } from "../support/run.ts";
import {
  fakeBinary,
  goodParts,
  type ImageParts,
  json,
  makeArchive,
  makeBaseArchive,
  nameOf,
} from "../support/test_image.ts";

const ignore = !(canCompile && canMakeBase);

/** Audits an archive of these bytes, which is to stand on the base of {@linkcode goodParts}. */
async function auditOf(bytes: Uint8Array, options: AuditOptions = {}): Promise<Audit> {
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  const [archive, base] = [folder.join("archive.tar"), folder.join("base.tar")];
  Deno.writeFileSync(archive, bytes);
  Deno.writeFileSync(base, makeBaseArchive(goodParts()));
  return await auditArchive(archive, { base, ...options });
}

function auditOfParts(change: Partial<ImageParts>): Promise<Audit> {
  return auditOf(makeArchive({ ...goodParts(), ...change }));
}

/** The only failure of an audit. */
function failureOf(audit: Audit): string {
  const failed = audit.checks.filter(({ status }) => status === "fail");
  assert.equal(failed.length, 1, JSON.stringify(audit.checks, null, 1));
  assert.equal(audit.ok, false);
  return `${failed[0]!.name}: ${failed[0]!.seen}`;
}

function withConfig(change: Record<string, unknown>): Partial<ImageParts> {
  const { config } = goodParts();
  return { config: { ...config, config: { ...config.config, ...change } } };
}

Deno.test({
  name: "verify of an exported archive holds, and --rebuild makes the same bytes",
  ignore,
  async fn() {
    const archive = await sharedArchive();
    const args = [archive, "--base", await standInBase(), "--rebuild", "--json"];
    const { code, stdout, stderr } = await runTask("verify", args);
    const audit: Audit = JSON.parse(stdout);
    assert.equal(code, 0, stdout + stderr);
    assert.equal(audit.sha256, hashFile(archive));
    assert.match(seenBy(audit, "rebuild"), /the same, byte for byte/);
    assert.match(seenBy(audit, "files"), /^relay, file, mode 755, owner 0:0, and nothing else$/);
    assert.match(seenBy(audit, "permissions"), /^read, write, net, .*; no run, no ffi$/);
  },
});

Deno.test({
  name: "verify prints a line for each check, and exits with 0",
  ignore,
  async fn() {
    const args = [await sharedArchive(), "--base", await standInBase()];
    const { code, stdout, stderr } = await runTask("verify", args);
    assert.equal(code, 0);
    assert.match(stdout, /^ok {4}sha256 +[0-9a-f]{64}, as in my-compute-job\.tar\.gz\.sha256$/m);
    assert.match(stderr, /\d+ checks hold/);
  },
});

Deno.test({
  name: "the runtime of denort is a label of the image, and a warning",
  ignore,
  async fn() {
    const audit = await auditArchive(await sharedArchive(), { base: await standInBase() });
    const { status, seen } = audit.checks.find(({ name }) => name === "runtime")!;
    assert.equal(audit.labels![RUNTIME_LABEL], audit.onTestRuntime ? "test" : undefined);
    assert.equal(status, audit.onTestRuntime ? "warn" : "ok", seen);
  },
});

Deno.test({
  name: "--rebuild says that the source of an archive is another one",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "verify-test-" });
    const other = folder.join("other.tar");
    Deno.writeFileSync(other, makeArchive(goodParts()));
    const audit = await auditArchive(other, { base: await standInBase(), rebuild: true });
    const seen = seenBy(audit, "rebuild");
    assert.match(seen, /this checkout makes [0-9a-f]{64}/);
    assert.match(seen, /the base differs/);
    assert.match(seen, /the runtime differs from byte \d+ on/);
  },
});

Deno.test("a good image passes every check", async () => {
  const audit = await auditOfParts({});
  assert.ok(audit.ok, JSON.stringify(audit.checks, null, 1));
});

Deno.test("an archive may be compressed", async () => {
  assert.ok((await auditOf(gzipSync(makeArchive(goodParts())))).ok);
});

Deno.test("an archive of docker save, without an OCI index, may be audited", async () => {
  const audit = await auditOfParts({
    edit: (files) => {
      const index = JSON.parse(new TextDecoder().decode(files.get("index.json")));
      files.delete(`blobs/${index.manifests[0].digest.replace(":", "/")}`);
      files.delete("index.json");
      files.delete("oci-layout");
    },
  });
  assert.ok(audit.ok, JSON.stringify(audit.checks, null, 1));
});

for (const prefix of ["", "sha256:", "0x"]) {
  Deno.test(`the SHA-256 may be given as ${prefix}HEX`, () => {
    assert.equal(sha256Hex(prefix + "A".repeat(64)), "a".repeat(64));
  });
}

Deno.test("another SHA-256 than the one expected fails", async () => {
  const audit = await auditOf(makeArchive(goodParts()), { sha256: "0".repeat(64) });
  assert.match(failureOf(audit), /^sha256: [0-9a-f]{64}, but expected 0{64}/);
});

Deno.test("another SHA-256 than the one beside the archive fails", async () => {
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  const [archive, base] = [folder.join("a.tar"), folder.join("b.tar")];
  Deno.writeFileSync(archive, makeArchive(goodParts()));
  Deno.writeFileSync(base, makeBaseArchive(goodParts()));
  Deno.writeTextFileSync(`${archive}.sha256`, `${"1".repeat(64)}  a.tar\n`);
  assert.match(
    failureOf(await auditArchive(archive, { base })),
    /^sha256: .*a\.tar\.sha256 says 1{64}/,
  );
});

Deno.test("a SHA-256 compared with nothing is a warning", async () => {
  const { checks } = await auditOfParts({});
  assert.equal(checks[0]!.status, "warn");
  assert.match(checks[0]!.seen, /compared with nothing/);
});

Deno.test("what isn't a SHA-256 is refused", async () => {
  const { code, stderr } = await runTask("verify", ["job.tar.gz", "--sha256", "abc"]);
  assert.equal(code, 1);
  assert.match(stderr, /--sha256 <hex>.*expected a SHA-256: 64 hexadecimal digits/);
});

/** Changes to a good image, and the one check that must fail of each. */
const TAMPERED: Record<string, [Partial<ImageParts>, RegExp]> = {
  "for another machine": [
    { config: { ...goodParts().config, architecture: "arm64" } },
    /^platform: linux\/arm64/,
  ],
  "with another entrypoint": [
    withConfig({ Entrypoint: ["/relay", "--evil"] }),
    /^entrypoint: \["\/relay","--evil"\], but expected/,
  ],
  "with a command": [withConfig({ Cmd: ["sh"] }), /^entrypoint: .* with the command \["sh"\]/],
  "with another user": [withConfig({ User: "1000" }), /^user: 1000.*but expected 0/],
  "with a preloaded library": [
    withConfig({ Env: ["PATH=/bin", "LD_PRELOAD=/evil.so"] }),
    /^env: LD_PRELOAD=\/evil\.so, which/,
  ],
  "with another engine": [
    withConfig({ Env: ["QUERY_ENGINE_URL=https://evil.example"] }),
    /^env: QUERY_ENGINE_URL/,
  ],
  "with a health check": [
    withConfig({ Healthcheck: { Test: ["CMD", "/evil"] } }),
    /^settings: the image has Healthcheck/,
  ],
  "labelled as on the test runtime": [
    withConfig({ Labels: { [RUNTIME_LABEL]: "test", ...goodParts().config.config.Labels! } }),
    /^runtime: labelled .*but it is another one/,
  ],
  "with another base": [{ base: rawTar([{ name: "usr/", type: "5" }]) }, /^base: .* are not /],
  "with a file more": [
    { files: [...goodParts().files, { name: "etc/evil" }] },
    /^files: expected just relay, got relay, etc\/evil/,
  ],
  "that deletes a file of the base": [
    { files: [...goodParts().files, { name: "etc/.wh.passwd" }] },
    /^files: .*\.wh\.passwd/,
  ],
  "with a device": [
    { files: [...goodParts().files, { name: "mem", type: "3" }] },
    /^files: .*mem \(character-device\)/,
  ],
  "with a setuid program": [
    { files: [{ ...goodParts().files[0]!, mode: 0o4755 }] },
    /^files: .*mode 4755/,
  ],
  "with a program of another owner": [
    { files: [{ ...goodParts().files[0]!, uid: 1000 }] },
    /^files: .*owner 1000:0/,
  ],
  "with a program that has capabilities": [
    { files: [paxEntry({ "SCHILY.xattr.security.capability": "x" }), ...goodParts().files] },
    /^files: .*SCHILY\.xattr/,
  ],
  "for another processor": [
    { files: [{ ...goodParts().files[0]!, data: fakeBinary({ machine: 183 }) }] },
    /^binary: ELF aarch64.*expected x86_64/,
  ],
  "whose program is a script": [
    { files: [{ ...goodParts().files[0]!, data: "#!/bin/sh\n" }] },
    /^binary: .*not a 64-bit ELF/,
  ],
  "whose program may start others": [
    { files: [{ ...goodParts().files[0]!, data: fakeBinary({ allow: { allow_run: [] } }) }] },
    /^permissions: .*\brun; no ffi, but expected/,
  ],
};

for (const [what, [change, expected]] of Object.entries(TAMPERED)) {
  Deno.test(`an image ${what} fails one check`, async () => {
    assert.match(failureOf(await auditOfParts(change)), expected);
  });
}

Deno.test("an image whose program is a link fails", async () => {
  const audit = await auditOfParts({
    files: [{ name: "relay", type: "2", linkname: "/bin/sh", mode: 0o755 }],
  });
  assert.deepEqual(
    audit.checks.filter(({ status }) => status === "fail").map(({ seen }) => seen)[0],
    "relay, symlink, mode 755, owner 0:0; expected a file, mode 755, owner 0:0",
  );
});

/** What hostile archives look like, and what is said of each. */
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
  "a symlink": [
    () => withEntry({ name: "blobs/sha256/x", type: "2", linkname: "/etc/passwd" }),
    /has a symlink .*expected only files/,
  ],
  "a hard link": [() => withEntry({ name: "x", type: "1", linkname: "y" }), /has a link/],
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
    /^archive: /,
  ],
  "a damaged tar header": [
    () => makeArchive(goodParts()).map((byte, at) => at === 100 ? byte ^ 1 : byte),
    /can't be read as a tar/,
  ],
  "a blob that isn't what its name says": [
    () => edited((files) => files.set([...files.keys()].at(-1)!, json("other"))),
    /^blobs: blobs\/sha256\/[0-9a-f]{64} doesn't match its digest/,
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
  "a file that belongs to nothing": [() => withEntry({ name: "evil.so" }), /^strays: .*evil\.so/],
};

function withEntry(entry: RawEntry): Uint8Array {
  return makeArchive({ ...goodParts(), entries: (entries) => [...entries, entry] });
}

function edited(edit: ImageParts["edit"]): Uint8Array {
  return makeArchive({ ...goodParts(), edit });
}

for (const [what, [make, expected]] of Object.entries(HOSTILE)) {
  Deno.test(`an archive with ${what} fails, and says so`, async () => {
    assert.match(failureOf(await auditOf(make())), expected);
  });
}

Deno.test("a layer that isn't what the config says fails", async () => {
  const parts = goodParts();
  const audit = await auditOf(makeArchive({
    ...parts,
    edit: (files) => {
      const [config] = [...files].filter(([, bytes]) => isConfig(bytes));
      const document = JSON.parse(new TextDecoder().decode(config![1]));
      document.rootfs.diff_ids.reverse();
      files.delete("index.json");
      files.delete("oci-layout");
      files.delete(config![0]);
      const bytes = json(document);
      files.set(nameOf(bytes), bytes);
      const [manifest] = JSON.parse(new TextDecoder().decode(files.get("manifest.json")));
      files.set("manifest.json", json([{ ...manifest, Config: nameOf(bytes) }]));
      for (const [name, bytes] of files) {
        if (new TextDecoder().decode(bytes).startsWith('{"config"')) files.delete(name);
      }
    },
  }));
  assert.match(failureOf(audit), /^layers: The layer sha256:[0-9a-f]{64} doesn't match its digest/);
});

function isConfig(bytes: Uint8Array): boolean {
  return new TextDecoder().decode(bytes).includes('"rootfs"');
}

Deno.test("terminal codes from an archive aren't printed", async () => {
  const { checks } = await auditOfParts(
    withConfig({ Labels: { ...goodParts().config.config.Labels!, evil: "\x1b[2J\u202e" } }),
  );
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(checks.map(({ seen }) => seen).join(), /[\x1b\u202e]/);
});

Deno.test({
  name: "a gzip bomb takes little memory, and no temporary file is left",
  ignore: !hasProgram("python3"),
  async fn() {
    using folder = new TemporaryFolder({ prefix: "verify-test-" });
    const temporary = folder.join("tmp");
    Deno.mkdirSync(temporary);
    const bomb = folder.join("bomb.tar.gz");
    await writeBomb(bomb);
    const measure = "import resource, subprocess, sys\n" +
      "code = subprocess.run(sys.argv[1:]).returncode\n" +
      "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\nsys.exit(code)";
    const { code, stdout } = await new Deno.Command("python3", {
      args: ["-c", measure, Deno.execPath(), "run", "-A", "--lock=deno.lock", "--frozen"]
        .concat(["tasks/verify.ts", bomb]),
      env: { TMPDIR: temporary, DENO_TLS_CA_STORE: "mozilla,system" },
    }).output();
    const said = new TextDecoder().decode(stdout);
    assert.equal(code, 1, said);
    assert.match(said, /FAIL {2}archive +The archive .*more than 1073741824 bytes/);
    const kilobytes = Number(said.trim().split("\n").at(-1));
    assert.ok(kilobytes < 400_000, `${kilobytes} kB`);
    assert.deepEqual([...Deno.readDirSync(temporary)], []);
  },
});

/** A gzip of 2 MB that holds a tar of files with 1.5 GiB of zeros, each of a size that is allowed. */
async function writeBomb(path: string): Promise<void> {
  const [mebi, files] = [1 << 20, 3];
  function* bytes() {
    for (let file = 0; file < files; file++) {
      yield rawTar([{ name: `file-${file}`, size: 512 * mebi }]).subarray(0, 512);
      const zeros = new Uint8Array(mebi);
      for (let at = 0; at < 512; at++) yield zeros;
    }
  }
  await ReadableStream.from(bytes()).pipeThrough(new CompressionStream("gzip"))
    .pipeTo((await Deno.create(path)).writable);
}

Deno.test("a stopped verify leaves no temporary file", async () => {
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  const temporary = folder.join("tmp");
  Deno.mkdirSync(temporary);
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  await using server = serve(() => {
    resolve();
    return new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(9)) }));
  });
  const run = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--lock=deno.lock",
      "--frozen",
      "tasks/verify.ts",
      "--allow-http",
      server.url,
    ],
    env: { TMPDIR: temporary, DENO_TLS_CA_STORE: "mozilla,system" },
    stderr: "null",
    stdout: "null",
  }).spawn();
  await asked;
  while ([...Deno.readDirSync(temporary)].length === 0) {
    await new Promise((ok) => setTimeout(ok, 10));
  }
  run.kill("SIGTERM");
  assert.equal((await run.status).code, 143);
  assert.deepEqual([...Deno.readDirSync(temporary)], []);
});

Deno.test("an archive behind a URL is audited, and its SHA-256 is compared with nothing", async () => {
  await using server = serve(() => new Response(makeArchive(goodParts())));
  const audit = await auditOfUrl(server.url);
  assert.ok(audit.ok, JSON.stringify(audit.checks, null, 1));
  assert.match(audit.checks[0]!.seen, /compared with nothing/);
});

/** Serves an archive's gzip with a header by which `fetch` decodes it. */
function serveEncoded(archive: Uint8Array<ArrayBuffer>) {
  return serve(() => new Response(archive, { headers: { "content-encoding": "gzip" } }));
}

Deno.test("an archive sent with Content-Encoding: gzip has the SHA-256 of the stored file", async () => {
  const archive = new Uint8Array(gzipSync(makeArchive(goodParts())));
  await using server = serveEncoded(archive);
  const audit = await auditOfUrl(server.url, { sha256: hashBytes(archive) });
  assert.ok(audit.ok, JSON.stringify(audit.checks, null, 1));
  const download = audit.checks.find(({ name }) => name === "download")!;
  assert.equal(download.status, "warn");
  assert.match(download.seen, /sends the file with Content-Encoding: gzip/);
});

Deno.test("a tar that is compressed only on its way has its own SHA-256", async () => {
  const archive = makeArchive(goodParts());
  await using server = serveEncoded(new Uint8Array(gzipSync(archive)));
  const audit = await auditOfUrl(server.url, { sha256: hashBytes(archive) });
  assert.match(seenBy(audit, "sha256"), /as expected$/);
});

Deno.test("a URL that answers 503 is asked again", async () => {
  let busy = 2;
  const headers = { "retry-after": "0" };
  await using server = serve(() =>
    busy-- > 0
      ? new Response("busy", { status: 503, headers })
      : new Response(makeArchive(goodParts()))
  );
  assert.ok((await auditOfUrl(server.url)).ok);
});

Deno.test({
  name: "on a terminal, a download that takes longer than a second shows a bar",
  ignore: !hasProgram("script"),
  async fn() {
    const [pieces, length] = [8, 1000];
    async function* slowly() {
      for (let piece = 0; piece < pieces; piece++) {
        await delay(300);
        // As a gzip begins, which isn't asked for twice.
        yield new Uint8Array(length).fill(0x1f, 0, 1).fill(0x8b, 1, 2);
      }
    }
    const headers = { "content-length": `${pieces * length}` };
    await using server = serve(() => new Response(ReadableStream.from(slowly()), { headers }));
    const command = [Deno.execPath(), "run", "-A", ...DENO_PROJECT_ARGS, "tasks/verify.ts"]
      .concat([server.url, "--allow-http"]).map((arg) => `'${arg}'`).join(" ");
    const { stdout } = await new Deno.Command("script", {
      args: ["-qec", `stty cols 100 rows 20; ${command}`, "/dev/null"],
      env: { TERM: "xterm" },
      stdin: "null",
    }).output();
    assert.match(new TextDecoder().decode(stdout), /Downloading: [\d.]+ \w+ of 7\.8 KiB/);
  },
});

Deno.test("a URL that isn't https is refused", async () => {
  await assert.rejects(auditArchive("http://127.0.0.1:9/a"), /127\.0\.0\.1:9\/a is not https/);
});

Deno.test("http is admitted on this machine only", async () => {
  const options = { allowHttp: true };
  await assert.rejects(
    auditArchive("http://example.org/a", options),
    /example\.org\/a is not https/,
  );
});

Deno.test("a URL that redirects to http elsewhere is refused", async () => {
  await using server = serve(() => Response.redirect("http://example.org/a?secret=1", 302));
  await assert.rejects(auditOfUrl(server.url), (error: Error) => {
    assert.match(error.message, /http:\/\/example\.org\/a is not https/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

Deno.test("a URL that redirects to itself is refused", async () => {
  await using server = serve((request) => Response.redirect(request.url, 302));
  await assert.rejects(auditOfUrl(server.url), /redirects more than 5 times/);
});

Deno.test("a URL that answers with a web page is refused", async () => {
  await using server = serve(() =>
    new Response("<html>", { headers: { "content-type": "text/html; charset=utf-8" } })
  );
  await assert.rejects(auditOfUrl(server.url), /answers with a web page/);
});

Deno.test("a URL that answers with an error is refused", async () => {
  await using server = serve(() => new Response("gone", { status: 410 }));
  await assert.rejects(auditOfUrl(server.url), /answers 410; expected the archive/);
});

Deno.test("a URL that announces too much is refused", async () => {
  await using server = serve(() =>
    new Response(new ReadableStream({ start() {} }), {
      headers: { "content-length": String(ARCHIVE_LIMITS.fileBytes + 1) },
    })
  );
  await assert.rejects(auditOfUrl(server.url), /sends more than \d+ bytes/);
});

Deno.test("a URL where nobody listens is named, without its query", async () => {
  const url = "http://127.0.0.1:9/a?secret=1";
  await assert.rejects(auditArchive(url, { allowHttp: true }), (error: Error) => {
    assert.match(error.message, /127\.0\.0\.1:9\/a can't be reached/);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});

Deno.test("a file that isn't there is named", async () => {
  const { code, stderr } = await runTask("verify", ["/nowhere/job.tar.gz"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: \/nowhere\/job\.tar\.gz doesn't exist; expected an archive/);
});

Deno.test("a base that can't be asked is a warning", async () => {
  const digest = `sha256:${"0".repeat(64)}`;
  const audit = await auditOf(makeArchive(goodParts()), { base: `127.0.0.1:9/base@${digest}` });
  const { status, seen } = audit.checks.find(({ name }) => name === "base")!;
  assert.equal(status, "warn", seen);
  assert.match(seen, /1 layer below the job's; can't tell whether/);
});

function seenBy({ checks }: Audit, name: string): string {
  return checks.find((check) => check.name === name)?.seen ?? `no check ${name}`;
}

async function auditOfUrl(url: string, options: AuditOptions = {}): Promise<Audit> {
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  const base = folder.join("base.tar");
  Deno.writeFileSync(base, makeBaseArchive(goodParts()));
  return await auditArchive(url, { base, allowHttp: true, ...options });
}

function serve(handler: (request: Request) => Response): AsyncDisposable & { url: string } {
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno.serve(options, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}/job.tar.gz`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
    },
  };
}
