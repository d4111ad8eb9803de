import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { readLayer } from "../../tasks/lib/audit/layer_entries.ts";
import { checkBlobs, unpackArchive } from "../../tasks/lib/image/archive.ts";
import { readImage } from "../../tasks/lib/image/archived_image.ts";
import { DOCKERFILE } from "../../tasks/lib/image/export.ts";
import { readDockerfile } from "../../tasks/lib/image/dockerfile.ts";
import { LAYER_LIMITS } from "../../tasks/lib/image/layer.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canCompile, canMakeBase, sharedArchive } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { canRunDocker, docker, TestImage } from "../support/docker.ts";
import { productionEnv, TestEngine } from "../support/engine.ts";
import { makeDatabase, Mounts, sameBytes, SMALL_RESULTS } from "../support/mounts.ts";
import { type Outcome, runTask, spawnTask } from "../support/run.ts";

const ignore = !(canCompile && canMakeBase && canRunDocker);

/** One without parameters. */
const PLAIN_QUERY = "SELECT user_id FROM users ORDER BY user_id";

/** One image for all tests here: building it is not what they are about. */
let built: Promise<{ tag: string; outcome: Outcome }> | undefined;

function image(): Promise<{ tag: string; outcome: Outcome }> {
  return built ??= (async () => {
    const tag = "relay-test-built";
    const outcome = await runTask("build", ["--tag", tag, "--base", await standInBase()]);
    assert.equal(outcome.code, 0, outcome.stderr);
    return { tag, outcome };
  })();
}

Deno.test.afterAll(async () => {
  if (built !== undefined) await docker("image", "rm", "--force", (await built).tag);
});

Deno.test({
  name: "build on a base from a file says what it built and how to run it",
  ignore,
  async fn() {
    const { outcome: { stdout } } = await image();
    assert.match(stdout, /^Built relay-test-built \(sha256:[0-9a-f]{64}\)$/m);
    assert.match(stdout, /^Run it: deno task run --tag relay-test-built$/m);
  },
});

Deno.test({
  name: "run on dummy data gives what dev gives",
  ignore,
  async fn() {
    const { tag } = await image();
    using inContainer = new Mounts();
    using inDev = new Mounts();
    const { code, stderr } = await runTask("run", ["--tag", tag], inContainer.env);
    assert.equal(code, 0, stderr);
    await runTask("dev", [], inDev.env);
    assert.ok(sameBytes(inContainer.outputDatabase, inDev.outputDatabase));
  },
});

Deno.test({
  name: "run gives the job's exit code",
  ignore,
  async fn() {
    const { tag } = await image();
    using mounts = new Mounts();
    Deno.writeTextFileSync(mounts.inputDatabase, "not a database, but newer than the script");
    const { code } = await runTask("run", ["--tag", tag], mounts.env);
    assert.equal(code, 2);
  },
});

Deno.test({
  name: "run asks the Query Engine when QUERY is set",
  ignore,
  async fn() {
    const { tag } = await image();
    using mounts = new Mounts();
    await using engine = new TestEngine();
    const env = await productionEnv(mounts, engine.url);
    const { code, stderr } = await runTask("run", ["--tag", tag], env);
    assert.equal(code, 0, stderr);
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
  },
});

Deno.test({
  name: "plain docker run, with no network and a read-only root, relays the dummy data",
  ignore,
  async fn() {
    const { tag } = await image();
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    const limits = ["--network=none", "--read-only", "--cap-drop=ALL"];
    await docker("run", "--rm", ...limits, "-e", "DEV_MODE=1", ...volumes(mounts), tag);
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
  },
});

Deno.test({
  name: "plain docker run asks the Query Engine with only the output mounted",
  ignore,
  async fn() {
    const { tag } = await image();
    using mounts = new Mounts();
    await using engine = new TestEngine();
    const env = await productionEnv(mounts, engine.url, PLAIN_QUERY);
    await docker(
      "run",
      "--rm",
      "--network=host",
      ...requiredOf(env),
      ...volumes(mounts).slice(2),
      tag,
    );
    assert.deepEqual(mounts.outputNames(), ["query_results.db"]);
  },
});

Deno.test({
  name: "docker stop ends the job within a second, with 143",
  ignore,
  async fn() {
    const { tag } = await image();
    using mounts = new Mounts();
    await using engine = new TestEngine({ delaySeconds: 60 });
    const env = await productionEnv(mounts, engine.url, PLAIN_QUERY);
    const id = await docker(
      ...["run", "--detach", "--network=host", "--tmpfs=/mnt/output", ...requiredOf(env), tag],
    );
    try {
      while (!(await logsOf(id)).includes("Sending the query")) await delay(50);
      const started = performance.now();
      await docker("stop", id);
      assert.equal(await docker("wait", id), "143");
      assert.ok(performance.now() - started < 1000, `${performance.now() - started} ms`);
    } finally {
      await docker("rm", "--force", id);
    }
  },
});

Deno.test({
  name: "a signal to run stops the job, and its exit code comes back",
  ignore,
  async fn() {
    const { tag } = await image();
    using mounts = new Mounts();
    await using engine = new TestEngine({ delaySeconds: 60 });
    const env = await productionEnv(mounts, engine.url);
    const run = spawnTask("run", ["--tag", tag], { ...env, QUERY_TIMEOUT_SECONDS: "60" });
    let seen = "";
    for await (const text of run.stderr.pipeThrough(new TextDecoderStream())) {
      if (!seen.includes("Sending the query") && (seen + text).includes("Sending the query")) {
        run.kill("SIGTERM");
      }
      seen += text;
    }
    await run.stdout.cancel();
    const { code } = await run.status;
    assert.equal(code, 143, seen);
  },
});

Deno.test({
  name: "docker load takes the exported archive, and it relays the same",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    await using image = new TestImage();
    await load(await sharedArchive(), image.tag);
    const limits = ["--network=none", "--read-only"];
    await docker("run", "--rm", ...limits, "-e", "DEV_MODE=1", ...volumes(mounts), image.tag);
    assert.ok(sameBytes(mounts.inputDatabase, mounts.outputDatabase));
  },
});

Deno.test({
  name: "the Dockerfile's image has the archive's layers: paths, modes, owners, bytes",
  ignore,
  async fn() {
    const [ofDocker, ofExport] = await bothImages();
    assert.deepEqual(ofDocker.layers, ofExport.layers);
  },
});

Deno.test({
  name: "the Dockerfile's image starts as the archive's: entrypoint, env, labels, user, folder",
  ignore,
  async fn() {
    const [ofDocker, ofExport] = await bothImages();
    assert.deepEqual(ofDocker.start, ofExport.start);
  },
});

Deno.test({
  name: "the image has the Dockerfile's labels",
  ignore,
  async fn() {
    const { tag } = await image();
    const labels = JSON.parse(await docker("inspect", "--format={{json .Config.Labels}}", tag));
    for (const [name, value] of Object.entries(readDockerfile(DOCKERFILE).labels)) {
      assert.equal(labels[name], value, name);
    }
  },
});

Deno.test("build without Docker says what to install, and that export needs none", async () => {
  const { code, stderr } = await runTask("build", [], { PATH: "/nowhere" });
  assert.equal(code, 1);
  assert.match(stderr, /^error: There is no program "docker"\. Install Docker.*`deno task export`/);
});

Deno.test({
  name: "run without the image says how to make it",
  ignore: !canRunDocker,
  async fn() {
    const { code, stderr } = await runTask("run", ["--tag", "relay-test-nowhere"]);
    assert.equal(code, 1);
    assert.match(stderr, /There is no image relay-test-nowhere.*deno task build --tag/);
  },
});

Deno.test("run gives Docker the signature's name only, and no network on dummy data", async () => {
  const dev = await argumentsOfRun({});
  assert.ok(dev.includes("--network=none") && dev.includes("--env=DEV_MODE=1"), dev.join(" "));
  const production = await argumentsOfRun(
    { QUERY: "SELECT 1", QUERY_SIGNATURE: "0xsecret" },
    ["--real-engine"],
  );
  assert.ok(production.includes("--env=QUERY_SIGNATURE"), production.join(" "));
  assert.ok(!production.join(" ").includes("0xsecret"));
  assert.ok(!production.includes("--network=none"));
});

Deno.test("run takes every right from the container that the job can do without", async () => {
  const args = await argumentsOfRun({});
  for (
    const arg of [
      "--read-only",
      "--tmpfs=/tmp",
      "--cap-drop=ALL",
      "--security-opt=no-new-privileges",
    ]
      .concat(["--platform=linux/amd64", "--rm"])
  ) {
    assert.ok(args.includes(arg), arg);
  }
});

/** What `run` would have Docker do, told by a Docker that does nothing else. */
async function argumentsOfRun(
  env: Record<string, string>,
  args: string[] = [],
): Promise<string[]> {
  using mounts = new Mounts();
  const program = join(mounts.root, "docker");
  const told = join(mounts.root, "told");
  Deno.writeTextFileSync(
    program,
    `#!/bin/sh\n[ "$1" = run ] && printf '%s\\n' "$@" > ${told}\nexit 0\n`,
    { mode: 0o755 },
  );
  const path = `${mounts.root}:${Deno.env.get("PATH")}`;
  const { code, stderr } = await runTask("run", args, { ...mounts.env, ...env, PATH: path });
  assert.equal(code, 0, stderr);
  return Deno.readTextFileSync(told).trim().split("\n");
}

function volumes({ input, output }: Mounts): string[] {
  return ["-v", `${input}:/mnt/input`, "-v", `${output}:/mnt/output`];
}

/** As a person would give them: only what has no default. */
function requiredOf(env: Record<string, string>): string[] {
  return ["QUERY", "QUERY_SIGNATURE", "QUERY_ENGINE_URL"].flatMap((
    name,
  ) => ["-e", `${name}=${env[name]}`]);
}

async function logsOf(id: string): Promise<string> {
  const { stderr } = await new Deno.Command("docker", { args: ["logs", id] }).output();
  return new TextDecoder().decode(stderr);
}

/** Loads an archive under a tag of its own: its own name may be another test's, or the user's. */
async function load(archive: string, tag: string): Promise<void> {
  using folder = new TemporaryFolder({ prefix: "load-" });
  const { imageId } = readImage(await unpackArchive(archive, { folder: folder.path }));
  const own = "my-compute-job:latest";
  const { stdout: before } = await new Deno.Command("docker", {
    args: ["image", "inspect", "--format={{.Id}}", own],
  }).output();
  await docker("load", "--quiet", "--input", archive);
  await docker("tag", imageId, tag);
  const id = new TextDecoder().decode(before).trim();
  if (id === "") await docker("image", "rm", own);
  else await docker("tag", id, own);
}

/** What counts of an image: its files, and how it starts. */
interface ImageFacts {
  layers: unknown[];
  start: unknown;
}

async function bothImages(): Promise<[ImageFacts, ImageFacts]> {
  const { tag } = await image();
  using folder = new TemporaryFolder({ prefix: "compare-" });
  const saved = folder.join("saved.tar");
  await docker("save", "--output", saved, tag);
  return [await factsOf(saved), await factsOf(await sharedArchive())];
}

async function factsOf(archive: string): Promise<ImageFacts> {
  using folder = new TemporaryFolder({ prefix: "facts-" });
  const files = await unpackArchive(archive, { folder: folder.path });
  checkBlobs(files);
  const { config, layers } = readImage(files);
  const facts: unknown[] = [];
  for (const layer of layers) {
    const entries: unknown[] = [];
    await readLayer(layer, LAYER_LIMITS, ({ name, type, mode = 0, uid, gid, size }) => {
      const entry = { name, type, mode: mode & 0o7777, uid, gid, size, sha256: "" };
      entries.push(entry);
      if (type !== "file") return undefined;
      return async (body) => {
        const bytes = await new Response(body).bytes();
        const hash = await crypto.subtle.digest("SHA-256", bytes);
        entry.sha256 = new Uint8Array(hash).toHex();
      };
    });
    facts.push(entries);
  }
  const { Entrypoint, Cmd, Env, Labels, User, WorkingDir } = config.config ?? {};
  const start = {
    ...{ Entrypoint, Cmd: Cmd ?? [], Env, Labels, User, WorkingDir },
    os: config.os,
    architecture: config.architecture,
  };
  return { layers: facts, start };
}
