/** What a job's isolate can still do, as SECURITY.md lists it: each item, and where it ends. */

import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import { canCompile, hasProgram, sharedBinary } from "../../support/artifacts.ts";
import { productionEnv, TestEngine } from "../../support/engine.ts";
import {
  type AttackName,
  HostileScene,
  printed,
  readText,
  SECRET,
  SIGNATURE,
} from "../../support/hostile.ts";
import { namesIn } from "../../support/mounts.ts";
import { type Outcome, outcomeOf } from "../../support/run.ts";

const HOSTILE = "tests/support/jobs/hostile";

const binary = () => sharedBinary(`${HOSTILE}/in_process.ts`, HOSTILE);

const NOTHING: AttackName = { kind: "nothing", name: "nothing" };

function test(what: string, fn: (scene: HostileScene) => Promise<void>, ignore = false): void {
  Deno.test({
    name: what,
    ignore: ignore || !canCompile,
    async fn() {
      await using scene = await HostileScene.create();
      await fn(scene);
      assert.deepEqual(scene.arrived, []);
    },
  });
}

async function run(
  scene: HostileScene,
  name: string,
  env: Record<string, string> = {},
): Promise<Outcome> {
  return await outcomeOf(scene.spawn(await binary(), { kind: "possible", name }, env));
}

test("a job can read a short line of a file", async (scene) => {
  const { code, stderr } = await run(scene, "a line of a file");
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(SECRET));
});

test("a job can import a JSON file", async (scene) => {
  const { code, stderr } = await run(scene, "a JSON file");
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(SECRET));
});

test("a job can read the environment's variables", async (scene) => {
  const { code, stderr } = await run(scene, "a variable of the environment");
  assert.equal(code, 0, stderr);
  assert.ok(stderr.includes(join(scene.mounts.root, "home")));
});

test("a job can listen on a Unix socket in its staging folder", async (scene) => {
  const child = scene.spawn(await binary(), { kind: "possible", name: "a Unix socket" });
  const stderr = readText(child.stderr);
  const stdout = readText(child.stdout);
  await stderr.until(/READY/);
  const [own] = namesIn(scene.mounts.output).filter((name) => name.startsWith(".relay-staging-"));
  const path = join(scene.mounts.output, own!, "files/socket");
  using connection = await Deno.connect({ transport: "unix", path });
  assert.equal((await Array.fromAsync(connection.readable, decode)).join(""), "hello");
  assert.equal((await child.status).code, 0, await stderr.all);
  await stdout.all;
  assert.deepEqual(namesIn(scene.mounts.output), ["old.txt", "witness.txt"]);
});

test("a job can bind a UDP socket, which it can't send from", async (scene) => {
  const child = scene.spawn(await binary(), { kind: "possible", name: "a UDP socket" });
  const stderr = readText(child.stderr);
  const stdout = readText(child.stdout);
  const [, port] = await stderr.until(/PORT (\d+)\n/);
  const second = createSocket("udp6");
  second.bind(Number(port), "::");
  const [error] = await once(second, "error");
  assert.equal((error as { code?: string }).code, "EADDRINUSE");
  second.close();
  child.kill("SIGTERM");
  assert.equal((await child.status).code, 143);
  await Promise.all([stderr.all, stdout.all]);
});

test("a job can print what looks like the host's own lines", async (scene) => {
  const { code, stdout, stderr } = await run(scene, "a line like the host's");
  assert.equal(code, 0);
  assert.match(stdout, /INFO {4}Wrote \/nowhere/);
  assert.match(stderr, /INFO {4}Wrote \/nowhere/);
});

test("a job can change the mode of the results, and not their bytes", async (scene) => {
  const { inputDatabase } = scene.mounts;
  const before = Deno.readFileSync(inputDatabase);
  const { code, stderr } = await run(scene, "the mode of the results");
  assert.equal(code, 0, stderr);
  assert.equal(Deno.statSync(inputDatabase).mode! & 0o777, 0o640);
  assert.deepEqual(Deno.readFileSync(inputDatabase), before);
});

test("a job can keep its process from ending well on SIGTERM, and not from being killed", async (scene) => {
  const before = scene.record();
  const child = scene.spawn(await binary(), { kind: "possible", name: "no ear for signals" });
  const stderr = readText(child.stderr);
  const stdout = readText(child.stdout);
  await stderr.until(/READY/);
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 2000);
  const { code } = await child.status;
  clearTimeout(late);
  await Promise.all([stderr.all, stdout.all]);
  assert.ok([134, 137, 143].includes(code), `${code}`);
  const next = await outcomeOf(scene.spawn(await binary(), NOTHING));
  assert.equal(next.code, 0, next.stderr);
  const { "output/witness.txt": _, ...after } = scene.record();
  assert.deepEqual(after, before);
});

test("a job that can write to every descriptor finds no connection to the engine", async (scene) => {
  await using engine = new TestEngine();
  await using wire = new Wire(new URL(engine.url));
  const attack: AttackName = { kind: "possible", name: "every open socket" };
  const { QUERY_PARAMS } = scene.envFor(attack);
  // It takes as many parameters as a hostile job.
  const query = "SELECT user_id FROM users WHERE ? <> ? OR user_id = ?";
  const production = await productionEnv(scene.mounts, wire.url, query);
  const child = scene.spawn(await binary(), attack, {
    ...production,
    QUERY_PARAMS: QUERY_PARAMS!,
    DEV_MODE: "",
  });
  const stderr = readText(child.stderr);
  const stdout = readText(child.stdout);
  await stderr.until(/READY/);
  child.kill("SIGKILL");
  await child.status;
  await Promise.all([stderr.all, stdout.all]);
  assert.match(wire.sent(), /POST \/query/);
  assert.doesNotMatch(wire.sent(), /SPILLED/);
});

const ENVIRON = "lines of the first environment";

/** Runs with the variables in this order: the kernel keeps it. */
async function runInOrder(
  scene: HostileScene,
  order: (env: Record<string, string>) => [string, string][],
): Promise<Outcome> {
  const env = scene.envFor({ kind: "possible", name: ENVIRON });
  const variables = order(env).map(([name, value]) => `${name}=${value}`);
  return await outcomeOf(
    new Deno.Command("/usr/bin/env", {
      args: ["-i", ...variables, await binary()],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
}

test("the signature isn't on a line that a job can read, as a container's engine orders variables", async (scene) => {
  const outcome = await runInOrder(scene, ({ QUERY, QUERY_SIGNATURE, HOME, ...others }) => [
    ...Object.entries(others),
    ["QUERY", `${QUERY}\nLIMIT 1`],
    ["QUERY_SIGNATURE", QUERY_SIGNATURE!],
    ["HOME", HOME!],
  ]);
  assert.equal(outcome.code, 0, outcome.stderr);
  assert.ok(!printed(outcome).includes(SIGNATURE.slice(2)));
});

for (const name of ["QUERY", "QUERY_PARAMS"]) {
  test(`a ${name} that ends in a line break is refused: the signature could be on a line of its own`, async (scene) => {
    const outcome = await runInOrder(scene, ({ QUERY_SIGNATURE, [name]: value, ...others }) => [
      ...Object.entries(others),
      [name, `${value}\n`],
      ["QUERY_SIGNATURE", QUERY_SIGNATURE!],
    ]);
    assert.equal(outcome.code, 1, outcome.stderr);
    assert.match(outcome.stderr, new RegExp(`${name}: ends in a line break`));
    assert.ok(!printed(outcome).includes(SIGNATURE.slice(2)));
  });
}

/** As a user without root's rights; the tests themselves may be run by root. */
const isRoot = Deno.uid() === 0;
const USER = 12_345;

const SHUT = {
  "the rights of its own folder": 0,
  "a failure with folders without rights": 3,
  "a umask": 0,
};

for (const [name, expected] of Object.entries(SHUT)) {
  test(`folders that a job without root's rights has shut don't stay (${name})`, async (scene) => {
    const { root, output } = scene.mounts;
    Deno.writeTextFileSync(join(output, "witness.txt"), "old");
    if (isRoot) giveTo(USER, root);
    const start = async (attack: AttackName) => {
      const args = isRoot
        ? ["--reuid", String(USER), "--regid", String(USER), "--clear-groups", await binary()]
        : [];
      const child = new Deno.Command(isRoot ? "setpriv" : await binary(), {
        args,
        cwd: join(root, "cwd"),
        clearEnv: true,
        env: { ...scene.envFor(attack), PATH: "/usr/bin:/bin" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      return await outcomeOf(child);
    };
    const { code, stderr } = await start({ kind: "staging", name });
    assert.equal(code, expected, stderr);
    const witness = Deno.readTextFileSync(join(output, "witness.txt"));
    assert.equal(witness, expected === 0 ? "new" : "old");
    assert.deepEqual(namesIn(output).filter((name) => name.startsWith(".")), []);
    assert.equal((await start(NOTHING)).code, 0);
  }, isRoot && !hasProgram("setpriv"));
}

function giveTo(user: number, path: string): void {
  Deno.chownSync(path, user, user);
  if (!Deno.lstatSync(path).isDirectory) return;
  for (const name of namesIn(path)) giveTo(user, join(path, name));
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A proxy that keeps every byte which is sent to a server. */
class Wire implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #sent: Uint8Array[] = [];
  readonly #target: URL;
  readonly #connections = new Set<Deno.TcpConn>();
  readonly #work: Promise<void>[] = [];

  constructor(target: URL) {
    this.#target = target;
    this.#work.push(this.#serve());
  }

  get url(): string {
    return `http://127.0.0.1:${this.#listener.addr.port}`;
  }

  sent(): string {
    return this.#sent.map((bytes) => new TextDecoder("latin1").decode(bytes)).join("");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) close(connection);
    await Promise.all(this.#work);
  }

  async #serve(): Promise<void> {
    try {
      for await (const client of this.#listener) {
        const { hostname, port } = this.#target;
        const server = await Deno.connect({ hostname, port: Number(port) });
        this.#connections.add(client).add(server);
        this.#work.push(this.#pass(client, server, true), this.#pass(server, client, false));
      }
    } catch {
      // The listener was closed.
    }
  }

  async #pass(from: Deno.TcpConn, to: Deno.TcpConn, keep: boolean): Promise<void> {
    try {
      for await (const bytes of from.readable) {
        if (keep) this.#sent.push(bytes);
        for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
      }
    } catch {
      // The other end is gone.
    }
    close(from);
    close(to);
  }
}

function close(connection: Deno.TcpConn): void {
  try {
    connection.close();
  } catch {
    // It is closed already.
  }
}
