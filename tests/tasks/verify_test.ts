import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Proof, Verdict } from "../../tasks/lib/audit/proof.ts";
import { findTestRuntime } from "../../tasks/lib/binary/denort.ts";
import { hashBytes, hashFile } from "../../tasks/lib/hash.ts";
import { sha256Hex } from "../../tasks/lib/options.ts";
import { DENO_PROJECT_ARGS } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { changeArchive, edit } from "../support/archive_parts.ts";
import { canMakeBase, hasProgram, sharedArchive } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { elfImage } from "../support/compiled_binary.ts";
import { HOSTILE_ARCHIVES } from "../support/hostile_archives.ts";
import { rawTar } from "../support/hostile_tar.ts";
import { outcomeOf, runTask, spawnTask } from "../support/run.ts";
import { SmallArchive } from "../support/small_archive.ts";
import { goodParts, makeArchive } from "../support/test_image.ts";

/** One archive for all tests here. */
let made: Promise<SmallArchive> | undefined;

function small(): Promise<SmallArchive> {
  return made ??= SmallArchive.make();
}

Deno.test.afterAll(async () => (await made)?.[Symbol.dispose]());

/** Verifies an archive of these bytes, or at this path. */
async function verify(
  archive: string | Uint8Array,
  args: string[] = [],
  env: Record<string, string> = {},
): Promise<{ code: number; proof: Proof; stderr: string }> {
  const good = await small();
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  const path = typeof archive === "string" ? archive : folder.join("archive.tar.gz");
  if (typeof archive !== "string") Deno.writeFileSync(path, archive);
  const { code, stdout, stderr } = await good.verify(path, [...args, "--json"], env);
  return { code, proof: JSON.parse(stdout), stderr };
}

/** Verifies a hostile archive of a kind. */
async function verifyKind(kind: string) {
  const good = await small();
  const path = good.join(`${hashBytes(kind).slice(0, 16)}.tar.gz`);
  await HOSTILE_ARCHIVES.find(({ name }) => name === kind)!.make(good.path, path);
  return await verify(path);
}

Deno.test("verify proves an archive of export, and says what is proved and what isn't", async () => {
  const { path, base, program: { bytes }, runtime } = await small();
  const { code, stdout, stderr } = await (await small()).verify(path);
  assert.equal(code, 0, stdout + stderr);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], "PROVED: this checkout makes the same archive, byte for byte");
  assert.equal(lines.at(-1), lines[0], "the verdict is the first and the last line");
  assert.match(
    stdout,
    new RegExp(`^archive +SHA-256 ${hashFile(path)}, compared with nothing`, "m"),
  );
  assert.match(
    stdout,
    new RegExp(`^runtime +the one that DENORT_BIN .*${hashFile(runtime)}$`, "m"),
  );
  assert.match(stdout, new RegExp(`^base +${base}$`, "m"));
  assert.match(stdout, /^job +small-job$/m);
  assert.match(stdout, new RegExp(`^program +\\d.* KiB, SHA-256 ${hashBytes(bytes!)}$`, "m"));
  assert.match(stdout, /^rights +network data\.example\.org:443$/m);
  assert.match(stdout, /^ +title: Result Relay$/m);
  assert.match(stdout, /^not proved +what the program does/m);
  assert.match(
    stderr,
    /\nNext, if it is yours: .*\n {2}deno task register --url URL --archive .*\n$/,
  );
});

Deno.test("verify --json has the verdict and all that was found", async () => {
  const { path, program: { bytes } } = await small();
  const { proof } = await verify(path);
  const { verdict, reasons, archive, program, labels } = proof;
  assert.deepEqual({ verdict, reasons }, { verdict: "proved", reasons: [] });
  assert.deepEqual(archive, { sha256: hashFile(path), size: Deno.statSync(path).size });
  assert.deepEqual(program, {
    name: "small-job",
    network: ["data.example.org:443"],
    stock: false,
    size: bytes!.length,
    sha256: hashBytes(bytes!),
  });
  assert.equal(labels["org.opencontainers.image.title"], "Result Relay");
  assert.deepEqual(proof.parts.map(({ name }) => name), ["runtime", "host", "base"]);
});

Deno.test({
  name: "verify proves an archive on the runtime that denort pins, without that runtime",
  ignore: !(canMakeBase && findTestRuntime() !== undefined),
  async fn() {
    const args = [await sharedArchive(), "--base", await standInBase(), "--json"];
    // A runtime of one's own isn't taken instead.
    const { code, stdout } = await runTask("verify", args, { DENORT_BIN: (await small()).runtime });
    const proof: Proof = JSON.parse(stdout);
    assert.equal(code, 0, stdout);
    assert.equal(proof.onTestRuntime, true);
    assert.deepEqual(proof.program?.name, "result-relay");
    assert.equal(proof.program?.stock, true);
    assert.match(proof.notes.join(), /runtime that `deno task denort` pins/);
  },
});

Deno.test("verify --program writes the job's program, which a person can read", async () => {
  const { path, program: { bytes } } = await small();
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  const args = ["--program", folder.join("program")];
  const { stderr } = await verify(path, args);
  assert.match(stderr, /The program is in .*program\/job\.js/);
  assert.deepEqual(Deno.readFileSync(folder.join("program/job.js")), bytes);
  const text = new TextDecoder().decode(bytes);
  assert.match(text, /^ +artifacts\.writeJson\("hello\.json", \{$/m, "it isn't minified");
  const again = await (await small()).verify(path, args);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /job\.js exists already; remove it/);
});

/** Kinds of hostile archives, and what the first line of the explanation says. */
const KINDS: Record<string, [Verdict, RegExp]> = {
  "a gzip with time": ["differs", /^the same image, but the gzip header differs/],
  "a gzip with zeros behind it": ["differs", /followed by something/],
  "a tar with a global comment": ["differs", /"pax" of type "g"/],
  "a tar with its last file as sparse file": ["differs", /differs in its type/],
  "a config with another entrypoint in lower case": ["differs", /entrypoint is \["\/evil"\]/],
  "a config with another entrypoint after the right one": ["differs", /is written differently/],
  "layers with another base": ["differs", /^the base differs/],
  "a job's layer with one more file": ["differs", /etc\/ld\.so\.preload/],
  "a binary with a variable": ["differs", /QUERY_ENGINE_URL is "https:/],
  "a binary with a decoy before its payload": [
    "differs",
    /payload begins at byte \d+, but the ELF image/,
  ],
  "a binary with one byte of its runtime changed": ["differs", /^the runtime differs from byte/],
  "a binary with one byte of its entry changed": [
    "differs",
    /^the host \(host\.js\) is that of no release/,
  ],
  // Another tool may have packed the same image so.
  "a tar with its folders": ["unknown", /^another tool than `export` wrote the archive/],
};

for (const [kind, [verdict, expected]] of Object.entries(KINDS)) {
  Deno.test(`verify says of ${kind}: ${verdict}`, async () => {
    const { code, proof } = await verifyKind(kind);
    assert.equal(proof.verdict, verdict, proof.reasons.join("\n"));
    assert.equal(code, { proved: 0, differs: 1, unknown: 2 }[verdict]);
    const [difference] = proof.differences ?? [];
    assert.match(difference?.seen ?? proof.reasons[0]!, expected);
    assert.equal(proof.reasons.length > 0, true);
  });
}

// Every part of an archive is changed in make_again_test.ts; here it is about the exit code.
Deno.test("verify proves no archive of which a single byte was changed", async () => {
  const { path } = await small();
  const bytes = Deno.readFileSync(path);
  const inHeader = [4, 9];
  const places = [...inHeader, bytes.length >> 1, bytes.length - 9, bytes.length - 1];
  for (const at of places) {
    const { code, proof } = await verify(bytes.with(at, bytes[at]! ^ 1));
    assert.notEqual(code, 0, `byte ${at}`);
    assert.notEqual(proof.verdict, "proved", `byte ${at}`);
  }
});

Deno.test("an archive of another program is proved: what it does is for a person to read", async () => {
  const archive = await small();
  const { job, bytes } = archive.program;
  const other = new TextDecoder().decode(bytes).replace("world", "xorld");
  const path = await archive.pack({ job, bytes: new TextEncoder().encode(other) });
  const { code, proof } = await verify(path);
  assert.equal(code, 0, proof.reasons.join());
  assert.equal(proof.program?.sha256, hashBytes(other));
});

Deno.test("an archive whose description isn't its program's differs", async () => {
  const archive = await small();
  const { job, bytes } = archive.program;
  const path = await archive.pack({ job: { ...job, network: "all" }, bytes });
  const { code, proof } = await verify(path);
  assert.equal(code, 1);
  assert.match(proof.reasons[0]!, /^the binary has other rights than its program asks for/);
  assert.match(
    proof.differences![0]!.seen,
    /says of its job .*"network":"all".* but the program itself .*data\.example\.org/,
  );
  assert.deepEqual(proof.program?.network, ["data.example.org:443"], "the program's own");
  const { stdout } = await archive.verify(path);
  assert.match(stdout, /^rights +network data\.example\.org:443, as its program says; nothing/m);
  assert.match(stdout, /^runtime here +the one that DENORT_BIN names/m);
});

/** Programs that no job of `export` is. */
const NO_JOBS: Record<string, [string, Verdict, RegExp]> = {
  "throws": [
    'throw new Error("\\x1b[2Jevil")',
    "differs",
    /no job that can be built: \\u\{1b\}\[2Je/,
  ],
  "isn't JavaScript": ["this is no program", "differs", /is no job that can be built/],
  "ends its process": ["Deno.exit(0)", "differs", /ends its isolate while it is loaded/],
  "prints without end": [
    'const line = "x".repeat(1 << 20); for (;;) console.log(line);',
    "unknown",
    /took more than 1024 KiB of output to load/,
  ],
  "takes memory without end": [
    "const all = []; for (;;) all.push(new Uint8Array(1 << 28).fill(7));",
    "unknown",
    /took more than 1024 MiB of memory to load/,
  ],
};

for (const [what, [program, verdict, expected]] of Object.entries(NO_JOBS)) {
  Deno.test(`an archive with a program that ${what}: ${verdict}`, async () => {
    const archive = await small();
    const bytes = new TextEncoder().encode(program);
    const { proof } = await verify(await archive.pack({ job: archive.program.job, bytes }));
    assert.equal(proof.verdict, verdict, proof.reasons.join());
    assert.match(proof.reasons[0]!, expected);
  });
}

Deno.test("characters that hide in a program are noted", async () => {
  const archive = await small();
  const { job, bytes } = archive.program;
  const text = `${new TextDecoder().decode(bytes)}// \u202e\n`;
  const { code, proof } = await verify(
    await archive.pack({ job, bytes: new TextEncoder().encode(text) }),
  );
  assert.equal(code, 0);
  assert.match(
    proof.notes.join(),
    /invisible or reordering characters on 1 line, the first of them/,
  );
});

for (
  const [what, hidden] of Object.entries({
    bidi: "\u202e",
    "zero-width": "\u200b",
    tag: "\u{e0041}",
    control: "\x1b",
  })
) {
  Deno.test(`an archive with a ${what} character in a label differs`, async () => {
    const archive = await small();
    const path = archive.join(`label-${what}.tar.gz`);
    await changeArchive(archive.path, path, {
      config: (text) =>
        edit(text, ({ config: { Labels } }) => {
          Labels["org.opencontainers.image.title"] = `Good${hidden}`;
        }),
    });
    const { code, proof } = await verify(path);
    assert.equal(code, 1);
    assert.match(proof.differences![0]!.seen, /label with invisible characters, "Good\\u\{/);
  });
}

Deno.test("an archive with a label of another kind differs", async () => {
  const archive = await small();
  const path = archive.join("label.tar.gz");
  await changeArchive(archive.path, path, {
    config: (text) => edit(text, ({ config: { Labels } }) => Labels["com.example.x"] = "1"),
  });
  const { code, proof } = await verify(path);
  assert.equal(code, 1);
  assert.match(
    proof.differences![0]!.seen,
    /Labels\.com\.example\.x is "1" in the archive, absent here/,
  );
});

Deno.test("an archive of another Deno can't be told, and the command that can is named", async () => {
  const archive = await small();
  const path = archive.join("other deno.tar.gz");
  await changeArchive(archive.path, path, {
    config: (text) =>
      edit(text, ({ config: { Labels } }) => Labels["org.resultrelay.deno"] = "2.5.0"),
  });
  const { code, proof } = await verify(path);
  assert.equal(code, 2);
  assert.match(proof.reasons[0]!, /made with Deno 2\.5\.0, and this is Deno 2\./);
  assert.match(proof.remedy!, new RegExp(`npx -y deno@2\\.5\\.0 task verify '${path}' --base `));
});

Deno.test("what a label says instead of a version isn't put into a command", async () => {
  const archive = await small();
  const path = archive.join("evil-deno.tar.gz");
  await changeArchive(archive.path, path, {
    config: (text) =>
      edit(text, ({ config: { Labels } }) => Labels["org.resultrelay.deno"] = "2.5.0; evil"),
  });
  const { code, proof } = await verify(path);
  assert.equal(code, 1);
  assert.equal(proof.remedy, undefined);
});

Deno.test("a patched runtime differs, and both are named", async () => {
  const archive = await small();
  const patched = archive.join("patched-denort");
  Deno.writeFileSync(patched, elfImage().with(20, 2));
  const path = await archive.pack(archive.program, { runtime: patched });
  const { code, proof } = await verify(path);
  assert.equal(code, 1);
  const [theirs, ours] = [patched, archive.runtime].map((file) => hashFile(file));
  assert.match(proof.reasons[0]!, /^the runtime isn't the trusted one/);
  assert.match(
    proof.differences![0]!.seen,
    new RegExp(`^the runtime differs .*${theirs} in the .*${ours} here`),
  );
  const swapped = await verify(path, [], { DENORT_BIN: patched });
  assert.equal(swapped.code, 0, "it is the same on that runtime");
});

Deno.test("an archive of docker save is described, and unproved", async () => {
  const files = goodParts();
  const archive = makeArchive({
    ...files,
    edit: (files) => {
      files.delete("oci-layout");
      files.delete("index.json");
    },
  });
  const { code, proof } = await verify(archive);
  assert.equal(code, 2);
  assert.match(
    proof.reasons[0]!,
    /another tool than `export` wrote the archive, like `docker save`/,
  );
  assert.match(proof.remedy!, /deno task export/);
  const seen = Object.fromEntries(proof.contents!.map(({ name, seen }) => [name, seen]));
  assert.equal(seen.starts, '["/relay"]');
  assert.equal(seen.user, "0");
});

for (
  const [what, bytes, expected] of [
    ["a text", new TextEncoder().encode("hello\n".repeat(200)), /it is a text file/],
    ["nothing", new Uint8Array(), /it is an empty file/],
    ["a tar without an image", rawTar([{ name: "a" }]), /There is no image in the archive/],
  ] as const
) {
  Deno.test(`of a file with ${what}, nothing can be told`, async () => {
    const { code, proof } = await verify(bytes);
    assert.equal(code, 2);
    assert.match(proof.reasons[0]!, expected);
  });
}

for (const prefix of ["", "sha256:", "0x"]) {
  Deno.test(`the SHA-256 may be given as ${prefix}HEX`, () => {
    assert.equal(sha256Hex(prefix + "A".repeat(64)), "a".repeat(64));
  });
}

Deno.test("another SHA-256 than the one expected differs", async () => {
  const { code, proof } = await verify((await small()).path, ["--sha256", "0".repeat(64)]);
  assert.equal(code, 1);
  assert.match(proof.reasons[0]!, /SHA-256 is [0-9a-f]{64}; --sha256 says 0{64}$/);
});

Deno.test("another SHA-256 than the one beside the archive differs", async () => {
  const archive = await small();
  using folder = new TemporaryFolder({ prefix: "verify-test-" });
  Deno.copyFileSync(archive.path, folder.join("a.tar.gz"));
  Deno.writeTextFileSync(folder.join("a.tar.gz.sha256"), `${"1".repeat(64)}  a.tar.gz\n`);
  const { code, proof } = await verify(folder.join("a.tar.gz"));
  assert.equal(code, 1);
  assert.match(proof.reasons[0]!, /a\.tar\.gz\.sha256 says 1{64}$/);
});

Deno.test("what isn't a SHA-256 is refused", async () => {
  const { code, stderr } = await runTask("verify", ["job.tar.gz", "--sha256", "abc"]);
  assert.equal(code, 2);
  assert.match(stderr, /--sha256 <hex>.*expected a SHA-256: 64 hexadecimal digits/);
});

Deno.test("a file that isn't there is named, and nothing can be told", async () => {
  const { code, stderr } = await runTask("verify", ["/nowhere/job.tar.gz"]);
  assert.equal(code, 2);
  assert.match(stderr, /^error: \/nowhere\/job\.tar\.gz doesn't exist; expected an archive/);
});

Deno.test("verify --json says that nothing can be told, whatever the error is", async () => {
  const { code, stdout, stderr } = await runTask("verify", ["/nowhere/job.tar.gz", "--json"]);
  assert.equal(code, 2);
  const { verdict, reasons } = JSON.parse(stdout);
  assert.equal(verdict, "unknown");
  assert.match(reasons[0], /\/nowhere\/job\.tar\.gz doesn't exist/);
  assert.match(stderr, /^error: \/nowhere/);
});

Deno.test({
  name: "a stopped verify stops a program that doesn't want to be stopped",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const archive = await small();
    const program = 'Deno.addSignalListener("SIGTERM", () => {}); for (;;);';
    const bytes = new TextEncoder().encode(program);
    const path = await archive.pack({ job: archive.program.job, bytes });
    using folder = new TemporaryFolder({ prefix: "verify-test-" });
    const child = spawnTask("verify", [path, "--base", archive.base], {
      DENORT_BIN: archive.runtime,
      TMPDIR: folder.path,
    });
    // It has started to spin when it has taken more time than it takes to start.
    while (!processesWith(`${folder.path}/describe-`).some(hasTaken)) await delay(20);
    child.kill("SIGTERM");
    assert.equal((await outcomeOf(child)).code, 143);
    const signal = AbortSignal.timeout(10_000);
    while (processesWith(folder.path).length > 0) {
      signal.throwIfAborted();
      await delay(20);
    }
    assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  },
});

/** The ids of the processes that have a text in their arguments. */
function processesWith(text: string): string[] {
  const ids = [...Deno.readDirSync("/proc")].map(({ name }) => name);
  return ids.filter((id) => /^\d+$/.test(id) && readProcess(id, "cmdline").includes(text));
}

/** Whether a process has taken two seconds of a processor. */
function hasTaken(id: string): boolean {
  const [userTicks = 0] = readProcess(id, "stat").split(" ").slice(13).map(Number);
  return userTicks > 200;
}

function readProcess(id: string, file: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${id}/${file}`);
  } catch {
    return "";
  }
}

Deno.test({
  name: "on a terminal, the report is in colour and breaks between words",
  ignore: !hasProgram("script"),
  async fn() {
    const { path, base, runtime } = await small();
    const shown = async (env: Record<string, string>) => {
      const command = [Deno.execPath(), "run", "-A", ...DENO_PROJECT_ARGS, "tasks/verify.ts"]
        .concat([path, "--base", base]).map((arg) => `'${arg}'`).join(" ");
      const { stdout } = await new Deno.Command("script", {
        args: ["-qec", `stty cols 60 rows 20; ${command}`, "/dev/null"],
        env: { TERM: "xterm", DENORT_BIN: runtime, ...env },
        stdin: "null",
      }).output();
      return new TextDecoder().decode(stdout).replaceAll("\r", "");
    };
    const rich = await shown({ NO_COLOR: "" });
    assert.ok(rich.includes("\x1b[1m\x1b[32mPROVED"), rich);
    const plain = await shown({ NO_COLOR: "1" });
    assert.ok(!plain.includes("\x1b[32m"), plain);
    // A word that is too long for a line has one of its own.
    const tooLong = plain.split("\n")
      .filter((line) => line.length > 60 && !line.startsWith("  deno task register "));
    assert.deepEqual(tooLong.filter((line) => !/^\S* *[0-9a-f]{64},?$/.test(line)), []);
    assert.match(plain, /^ {12}[a-z(]/m, "lines go on below their text");
  },
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
      env: { TERM: "xterm", NO_COLOR: "" },
      stdin: "null",
    }).output();
    assert.match(new TextDecoder().decode(stdout), /Downloading: [\d.]+ \w+ of 7\.8 KiB/);
  },
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
    assert.equal(code, 2, said);
    assert.match(said, /^why +The archive .*more than 1073741824 bytes/m);
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
    args: ["run", "-A", "--lock=deno.lock", "--frozen", "tasks/verify.ts", "--allow-http"]
      .concat([server.url]),
    env: { TMPDIR: temporary, DENO_TLS_CA_STORE: "mozilla,system" },
    stderr: "null",
    stdout: "null",
  }).spawn();
  await asked;
  while ([...Deno.readDirSync(temporary)].length === 0) await delay(10);
  run.kill("SIGTERM");
  assert.equal((await run.status).code, 143);
  assert.deepEqual([...Deno.readDirSync(temporary)], []);
});

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
