import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { join } from "node:path";
import type { JobDescription } from "../../../../src/job/description.ts";
import { printable } from "../../../../src/printable.ts";
import { differencesIn } from "../../../../tasks/lib/audit/difference.ts";
import { type Comparison, makeAgain } from "../../../../tasks/lib/audit/make_again.ts";
import { takeApart } from "../../../../tasks/lib/audit/take_apart.ts";
import {
  type EmbeddedProgram,
  readEmbeddedProgram,
} from "../../../../tasks/lib/binary/embedded_program.ts";
import { ToolError } from "../../../../tasks/lib/errors.ts";
import { readDockerfile } from "../../../../tasks/lib/image/dockerfile.ts";
import { DOCKERFILE, packArchive } from "../../../../tasks/lib/image/export.ts";
import { jobLabels } from "../../../../tasks/lib/image/job_labels.ts";
import { RUNTIME_LABEL } from "../../../../tasks/lib/image/runtime_label.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { type ArchiveChanges, changeArchive, edit } from "../../../support/archive_parts.ts";
import { binaryParts, embedFiles, makeBinary } from "../../../support/compiled_binary.ts";
import { HOSTILE_ARCHIVES } from "../../../support/hostile_archives.ts";
import { rawTar } from "../../../support/hostile_tar.ts";
import { goodParts, makeBaseArchive } from "../../../support/test_image.ts";

const BUNDLE = "job.bundle";
const JOB: JobDescription = { name: "test", network: [], stock: false };

/** Compiles as the trusted checkout would: its own host, and the job's bundle out of the archive. */
function compile({ files }: Pick<EmbeddedProgram, "files">): Uint8Array {
  const bundle = files.find(({ name }) => name === BUNDLE);
  if (bundle === undefined) throw new ToolError("The program has no job");
  const job = new TextDecoder().decode(bundle.bytes);
  return makeBinary({ ...binaryParts(), ...embedFiles({ "host.js": "host();", [BUNDLE]: job }) });
}

/** One good archive for all tests here. */
let good: Promise<{ folder: string; archive: string; base: string }> | undefined;

function goodArchive() {
  return good ??= (async () => {
    const folder = Deno.makeTempDirSync({ prefix: "again-test-" });
    const [base, binary] = [join(folder, "base.tar"), join(folder, "relay")];
    const layer = rawTar([{ name: "etc/passwd", data: "root:x:0:0::/:\n" }]);
    Deno.writeFileSync(base, makeBaseArchive({ ...goodParts(), base: layer }));
    Deno.writeFileSync(binary, makeBinary());
    const output = join(folder, "job.tar.gz");
    const labels = { ...readDockerfile(DOCKERFILE).labels, ...jobLabels(JOB) };
    const { path } = await packArchive(binary, { base, output, labels });
    return { folder, archive: path, base };
  })();
}

Deno.test.afterAll(async () => {
  if (good !== undefined) Deno.removeSync((await good).folder, { recursive: true });
});

/** Takes an archive apart, and makes it again. */
async function prove(archive: string, base?: string): Promise<Comparison> {
  const good = await goodArchive();
  using folder = new TemporaryFolder({ prefix: "again-test-" });
  const { binary, labels } = await takeApart(archive, folder.path);
  const program = readEmbeddedProgram(binary);
  return await makeAgain(archive, labels, {
    base: base ?? good.base,
    async makeBinary(output) {
      await Deno.writeFile(output, compile(program));
      return JOB;
    },
  });
}

async function proveChanged(changes: ArchiveChanges): Promise<Comparison> {
  using folder = new TemporaryFolder({ prefix: "again-test-" });
  await changeArchive((await goodArchive()).archive, folder.join("archive"), changes);
  return await prove(folder.join("archive"));
}

Deno.test("an archive of export is proved", async () => {
  const { archive } = await goodArchive();
  assert.deepEqual((await prove(archive)).differences, []);
  assert.equal((await prove(archive)).same, true);
});

Deno.test("an archive that is put together again without a change is the same", async () => {
  using folder = new TemporaryFolder({ prefix: "again-test-" });
  const { archive } = await goodArchive();
  await changeArchive(archive, folder.join("same"), {});
  const [before, after] = [archive, folder.join("same")].map((path) => Deno.readFileSync(path));
  assert.ok(Buffer.from(before!).equals(after!));
});

Deno.test("an archive with another job is proved: what it does is for a person to read", async () => {
  const files = embedFiles({ "host.js": "host();", [BUNDLE]: "another();" });
  assert.equal((await proveChanged({ binary: () => files })).same, true);
});

Deno.test("an archive with another title is proved: it is a claim, and shown", async () => {
  const config = (text: string) =>
    edit(text, ({ config: { Labels } }) => Labels["org.opencontainers.image.title"] = "Mine");
  assert.equal((await proveChanged({ config })).same, true);
});

Deno.test("there is no kind of hostile archive twice", () => {
  const names = HOSTILE_ARCHIVES.map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
});

for (const { name, make } of HOSTILE_ARCHIVES) {
  Deno.test(`${name} isn't proved`, async () => {
    using folder = new TemporaryFolder({ prefix: "again-test-" });
    const { archive } = await goodArchive();
    const hostile = folder.join("hostile");
    await make(archive, hostile);
    assert.ok(
      !Buffer.from(Deno.readFileSync(hostile)).equals(Deno.readFileSync(archive)),
      "it is the good archive",
    );
    const proof = await prove(hostile).catch((error) => {
      if (!(error instanceof ToolError)) throw error;
      return { same: false, differences: differencesIn("packing", [error.message]) };
    });
    assert.equal(proof.same, false);
    assert.notEqual(proof.differences.length, 0);
    const text = proof.differences.map(({ seen }) => seen).join("\n");
    assert.equal(printable(text, "\n"), text);
  });
}

/** What is said of some kinds: the words are for a person who must decide. */
const EXPLAINED: Record<string, RegExp> = {
  "a gzip with time": /^the same image, but the gzip header differs at byte 4$/,
  "a gzip with zeros behind it": /^the same tar, but compressed differently, or followed by/,
  "a tar with another mode":
    /^the same files, but the header of the job's layer differs in its mode$/,
  "a tar with its last file as sparse file": /the job's layer differs in its type, link name$/,
  "a tar with a global comment": /there is an entry "pax" of type "g" in place of oci-layout$/,
  "a tar with bytes in its padding": /there are bytes in the padding of oci-layout$/,
  "a tar with a longer end": /there is something at the end, or the end is missing$/,
  "a tar with one more file": /^the archive also holds etc\/ld\.so\.preload$/,
  "OCI's manifest with annotations":
    /^OCI's manifest\.annotations is {"evil":"true"} in the archive/,
  "index.json with an escape": /^index\.json has the same values, but is written differently: /,
  "a config with another entrypoint in lower case":
    /^config\.config\.entrypoint is \["\/evil"\] in the archive, absent here$/,
  "a config with another entrypoint after the right one":
    /^config has the same values, but is written differently: .*"Entrypoint":\["\/evil"\]/,
  "layers with another base": /^the base differs: its layers are sha256:[0-9a-f]{64} in the/,
  "a job's layer with one more file": /^the job's layer holds relay, etc\/ld.so.preload; expected/,
  "a job's layer with a setuid bit":
    /^the job's layer has the same program, but the header of the program differs in its mode$/,
  "a binary with one byte of its runtime changed": /^the runtime differs from byte 32 on: [0-9a-f]/,
  "a binary with a variable": /^metadata\.env_vars_from_env_file\.QUERY_ENGINE_URL is "https:/,
  "a binary with one byte of its entry changed":
    /^the host \(host\.js\) is that of no release that this checkout knows: [0-9a-f]{64}/,
  "a binary with code that runs in place of a file's":
    /^Deno would run other code in place of the program's file host\.js$/,
  "a binary with another hint about UTF-8":
    /^the binary differs at byte \d+, in its .* file index$/,
};

for (const [name, expected] of Object.entries(EXPLAINED)) {
  Deno.test(`${name} is explained`, async () => {
    using folder = new TemporaryFolder({ prefix: "again-test-" });
    const hostile = folder.join("hostile");
    const { make } = HOSTILE_ARCHIVES.find((kind) => kind.name === name)!;
    await make((await goodArchive()).archive, hostile);
    assert.match((await prove(hostile)).differences[0]!.seen, expected);
  });
}

Deno.test("no change of a single byte is proved", async () => {
  using folder = new TemporaryFolder({ prefix: "again-test-" });
  const { archive } = await goodArchive();
  const bytes = Deno.readFileSync(archive);
  for (let at = 0; at < bytes.length; at += 7) {
    const changed = folder.join(`changed-${at}`);
    Deno.writeFileSync(changed, bytes.with(at, bytes[at]! ^ (1 << at % 8)));
    const proved = await prove(changed).then(({ same }) => same, (error) => {
      if (error instanceof ToolError) return false;
      throw error;
    });
    assert.equal(proved, false, `byte ${at}`);
  }
});

Deno.test("what can't be made again is an error, and not a difference", async () => {
  const { archive } = await goodArchive();
  await assert.rejects(prove(archive, `127.0.0.1:9/base@sha256:${"0".repeat(64)}`), {
    name: "ToolError",
    message: /127\.0\.0\.1:9.* can't be reached/,
  });
});

Deno.test("the label of a test runtime isn't taken from the archive", async () => {
  const config = (text: string) =>
    edit(text, ({ config: { Labels } }) => Labels[RUNTIME_LABEL] = "test");
  const { same, differences } = await proveChanged({ config });
  assert.equal(same, false);
  assert.match(differences[0]!.seen, /Labels\.org\.resultrelay\.runtime is "test" in the archive/);
});
