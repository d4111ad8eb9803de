import assert from "node:assert/strict";
import { join } from "node:path";
import { baseProbe } from "../../tasks/lib/doctor/base_probe.ts";
import { certificatesProbe } from "../../tasks/lib/doctor/certificates_probe.ts";
import { dockerProbe } from "../../tasks/lib/doctor/docker_probe.ts";
import { examine, type Examined, type Probe } from "../../tasks/lib/doctor/examination.ts";
import { proxyProbe } from "../../tasks/lib/doctor/proxy_probe.ts";
import { runtimeProbe } from "../../tasks/lib/doctor/runtime_probe.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { Checkout } from "../support/checkout.ts";
import { testOnChain } from "../support/onchain.ts";
import { type Outcome, outcomeOf, runTask, spawnDeno } from "../support/run.ts";

/** Nothing of the network is asked in these tests: there is a proxy, and it isn't there. */
const OFFLINE = { HTTPS_PROXY: "http://127.0.0.1:9", PATH: "/nowhere" };

async function doctor(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  return await runTask("doctor", args, { ...OFFLINE, ...env });
}

/** What one probe finds in an environment. */
async function findingOf(
  probe: Probe,
  env: Record<string, string> = {},
  timeoutMs: number = 20_000,
): Promise<Examined> {
  const changed = { ...OFFLINE, ...env };
  const before = Object.keys(changed).map((name) => [name, Deno.env.get(name)] as const);
  try {
    for (const [name, value] of Object.entries(changed)) Deno.env.set(name, value);
    const [examined] = await examine([probe], { timeoutMs });
    return examined!;
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

/** A folder for PATH in which `docker` is a shell script. */
function fakeDocker(script: string): TemporaryFolder {
  const folder = new TemporaryFolder({ prefix: "doctor-test-" });
  Deno.writeTextFileSync(folder.join("docker"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return folder;
}

Deno.test("doctor exits with 0 where a job runs, although most else is missing", async () => {
  const { code, stdout, stderr } = await doctor([]);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /^ok +main\.ts/m);
  assert.match(stdout, /^missing +base image/m);
  assert.match(
    stdout,
    /^missing +Docker +there is no program `docker`\n +needed for .*\n +to do: /m,
  );
  assert.match(stdout, /^missing +RPC/m);
  assert.match(stderr, /deno task dev/);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stdout, /\x1b/);
});

Deno.test("doctor exits with 1 where the job doesn't load, and names the place", async () => {
  using checkout = new Checkout("here", { mtime: 1_500_000_000 });
  Deno.writeTextFileSync(checkout.join("main.ts"), 'import "./nowhere.ts";\n');
  const { code, stdout } = await checkout.run("doctor", [], OFFLINE);
  assert.equal(code, 1);
  assert.match(stdout, /^missing +main\.ts +.*main\.ts:1:8: Module not found/m);
});

Deno.test("doctor names another version of Deno than the pinned one", async () => {
  using checkout = new Checkout("here", { mtime: 1_500_000_000 });
  Deno.writeTextFileSync(checkout.join(".tool-versions"), "deno 9.8.7\n");
  const { code, stdout } = await checkout.run("doctor", [], OFFLINE);
  assert.equal(code, 0);
  assert.match(stdout, /^warning +Deno +\S+, but \.tool-versions pins 9\.8\.7\n[^]*deno@9\.8\.7/m);
});

Deno.test("doctor shows a proxy that doesn't answer, without its credentials", async () => {
  const { code, stdout, stderr } = await doctor(["--json"], {
    HTTPS_PROXY: "http://someone:hush-hush@127.0.0.1:9/path-token",
    http_proxy: "someone:hush-hush@127.0.0.1:9",
  });
  assert.equal(code, 0);
  assert.doesNotMatch(stdout + stderr, /someone|hush|path-token/);
  const { ok, examined } = JSON.parse(stdout) as { ok: boolean; examined: Examined[] };
  assert.ok(ok);
  const { status, seen } = examined.find(({ name }) => name === "proxy")!;
  assert.equal(status, "missing");
  assert.match(seen, /http:\/\/127\.0\.0\.1:9 \(HTTPS_PROXY\) can't be reached: .*\(http_proxy\)/);
});

Deno.test("doctor finds a proxy that answers", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  const { status, seen } = await findingOf(proxyProbe, { HTTPS_PROXY: url });
  assert.equal(status, "ok");
  assert.equal(seen, `${url} (HTTPS_PROXY)`);
});

Deno.test("doctor waits for a Docker that hangs no longer than it was told", async () => {
  using docker = fakeDocker("exec /bin/sleep 60");
  const started = performance.now();
  const { status, seen } = await findingOf(dockerProbe, { PATH: docker.path }, 1000);
  assert.equal(status, "missing");
  assert.equal(seen, "no answer within 1 s");
  assert.ok(performance.now() - started < 30_000);
});

Deno.test("doctor says why Docker's daemon doesn't answer", async () => {
  using docker = fakeDocker("echo 'Cannot connect to the Docker daemon' >&2; exit 1");
  const { status, seen, remedy } = await findingOf(dockerProbe, { PATH: docker.path });
  assert.equal(status, "missing");
  assert.match(seen, /Cannot connect to the Docker daemon/);
  assert.match(remedy!, /systemctl start docker/);
});

Deno.test("doctor warns of a Docker that emulates amd64", async () => {
  using docker = fakeDocker("echo '28.0.0, linux/arm64'");
  const { status, seen } = await findingOf(dockerProbe, { PATH: docker.path });
  assert.equal(status, "warning");
  assert.match(seen, /28\.0\.0, linux\/arm64; .*emulated/);
});

Deno.test("doctor says that only Docker has the base, and how export gets it", async () => {
  using docker = fakeDocker('[ "$1" = image ]');
  const { status, seen, remedy } = await findingOf(baseProbe, { PATH: docker.path });
  assert.equal(status, "warning");
  assert.match(seen, /^Docker has it/);
  assert.match(remedy!, /^docker save .* > base\.tar/);
});

testOnChain("doctor finds an RPC of the network", async (chain) => {
  const { stdout } = await doctor(["--rpc", chain.url]);
  assert.match(stdout, /^ok +RPC +Vana Moksha .* by http:\/\/127\.0\.0\.1:\d+, block \d+$/m);
});

Deno.test("doctor waits for an RPC that never answers no longer than it was told", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const rpc = `http://127.0.0.1:${listener.addr.port}/api-key-in-path`;
  const { stdout, stderr } = await doctor(["--timeout", "1", "--rpc", rpc]);
  assert.match(stdout, /^missing +RPC +no answer within 1 s\n[^]*--rpc/m);
  assert.doesNotMatch(stdout + stderr, /api-key-in-path/);
});

for (
  const [what, content, said] of [
    ["is no certificate", "not PEM", /^DENO_CERT names .*root\.pem, which holds no certificate/],
    ["doesn't exist", undefined, /^DENO_CERT names .*root\.pem, which isn't a file/],
  ] as const
) {
  Deno.test(`doctor names a DENO_CERT that ${what}`, async () => {
    using folder = new TemporaryFolder({ prefix: "doctor-test-" });
    const file = folder.join("root.pem");
    if (content !== undefined) Deno.writeTextFileSync(file, content);
    const { status, seen } = await findingOf(certificatesProbe, { DENO_CERT: file });
    assert.equal(status, "missing");
    assert.match(seen, said);
  });
}

Deno.test("doctor finds the compile runtime that DENORT_BIN names", async () => {
  using folder = new TemporaryFolder({ prefix: "doctor-test-" });
  const runtime = folder.join("denort");
  const before = await findingOf(runtimeProbe, { DENORT_BIN: runtime });
  assert.equal(before.status, "missing");
  assert.match(before.remedy!, /`deno task denort`/);
  Deno.writeTextFileSync(runtime, "");
  const after = await findingOf(runtimeProbe, { DENORT_BIN: runtime });
  assert.equal(after.status, "ok");
});

for (const isThere of [true, false]) {
  Deno.test(`doctor finds that the compile runtime is${isThere ? "" : "n't"} in Deno's cache`, async () => {
    // A checkout without a .cache of its own.
    using checkout = new Checkout("here", { mtime: 1_500_000_000 });
    using cache = new TemporaryFolder({ prefix: "doctor-test-" });
    const { denoDir } = JSON.parse((await outcomeOf(spawnDeno(["info", "--json"]))).stdout);
    for (const { name } of Deno.readDirSync(denoDir)) {
      if (name !== "dl") Deno.symlinkSync(join(denoDir, name), cache.join(name));
    }
    const folder = cache.join(`dl/release/v${Deno.version.deno}`);
    Deno.mkdirSync(folder, { recursive: true });
    if (isThere) {
      Deno.writeTextFileSync(join(folder, "denort-x86_64-unknown-linux-gnu.zip"), "");
    }
    const env = { ...OFFLINE, DENO_DIR: cache.path, DENORT_BIN: "" };
    const { stdout } = await checkout.run("doctor", [], env);
    assert.match(
      stdout,
      isThere
        ? /^ok +compile runtime +in Deno's cache$/m
        : /^missing +compile runtime +dl\.deno\.land can't be reached: [^]*`deno task denort`/m,
    );
  });
}

Deno.test("doctor exits with 1 without a folder for temporary files", async () => {
  const { code, stdout } = await doctor([], { TMPDIR: "/nowhere" });
  assert.equal(code, 1);
  assert.match(stdout, /^missing +temporary folder +.*\/nowhere[^]*TMPDIR/m);
});
