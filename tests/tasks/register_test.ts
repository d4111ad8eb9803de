import assert from "node:assert/strict";
import { toFunctionSelector } from "viem";
import { hashBytes } from "../../tasks/lib/hash.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canRunEvm, LocalChain } from "../support/evm.ts";
import { FaultyRpc, refuses } from "../support/faulty_rpc.ts";
import { FileServer } from "../support/file_server.ts";
import { runOnChain } from "../support/onchain.ts";
import type { Outcome } from "../support/run.ts";

const ignore = !canRunEvm;

/** A chain, and a web server that serves a file which is no archive. */
class Scene implements AsyncDisposable {
  readonly text = "not an archive";
  readonly #folder = new TemporaryFolder({ prefix: "register-test-" });
  readonly archive = this.#folder.join("my-compute-job.tar.gz");
  readonly server: FileServer;

  private constructor(readonly chain: LocalChain) {
    Deno.writeTextFileSync(this.archive, this.text);
    this.server = new FileServer(this.archive);
  }

  static async set(): Promise<Scene> {
    return new Scene(await LocalChain.start());
  }

  get sha256(): string {
    return hashBytes(this.text);
  }

  /** Runs the task. */
  async register(url: string, ...args: string[]): Promise<Outcome> {
    const { chain, archive } = this;
    const register = ["register", "--url", url, "--archive", archive, "--yes", ...args];
    return await runOnChain(chain, register, { as: chain.builder });
  }

  /** Runs the task, which must fail and send nothing. */
  async refused(url: string, ...args: string[]): Promise<Outcome> {
    const { chain } = this;
    const sent = await chain.sentBy(chain.builder);
    const outcome = await this.register(url, ...args);
    assert.notEqual(outcome.code, 0, outcome.stdout);
    assert.equal(await chain.sentBy(chain.builder), sent, "something was sent");
    return outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.chain[Symbol.asyncDispose]();
    this.#folder[Symbol.dispose]();
  }
}

function test(name: string, fn: (scene: Scene) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      await using scene = await Scene.set();
      await fn(scene);
    },
  });
}

test("register refuses a URL that is not https", async (scene) => {
  const { stderr } = await scene.refused("http://example.com/job.tar.gz", "--allow-http");
  assert.match(stderr, /http:\/\/example\.com\/job\.tar\.gz isn't https/);
});

test("register refuses a URL of this machine without --allow-http", async (scene) => {
  const { stderr } = await scene.refused(scene.server.url);
  assert.match(stderr, /isn't https/);
});

test("register refuses a URL with a password", async (scene) => {
  const { stderr } = await scene.refused("https://me:secret@example.com/job.tar.gz");
  assert.match(stderr, /The archive's URL holds a password/);
  assert.doesNotMatch(stderr, /secret/);
});

test("register refuses a URL that isn't on the public internet", async (scene) => {
  const { stderr } = await scene.refused("https://192.168.0.1/job.tar.gz");
  assert.match(stderr, /leads to 192\.168\.0\.1, an address that isn't on the public internet/);
});

test("register refuses a URL that redirects to a login page", async (scene) => {
  const { stderr } = await scene.refused(scene.server.at("/private"), "--allow-http");
  assert.match(stderr, /\/login answers with a web page, a login perhaps/);
});

test("register refuses a URL that serves other bytes than the archive", async (scene) => {
  scene.server.file = "/etc/hostname";
  const { stderr } = await scene.refused(scene.server.url, "--allow-http");
  assert.match(stderr, /the URL serves other bytes \(SHA-256 [0-9a-f]{64}\) than .*job\.tar\.gz/);
});

test("register refuses an archive that isn't proved", async (scene) => {
  const { stderr } = await scene.refused(scene.server.url, "--allow-http");
  assert.match(stderr, /^CAN'T TELL: /m);
  assert.match(stderr, /Nothing was registered: can't tell whether the archive/);
});

test("register says what is missing without a local archive", async (scene) => {
  const { stderr } = await scene.refused("https://example.com/a", "--archive", "nowhere.tar.gz");
  assert.match(stderr, /nowhere\.tar\.gz doesn't exist/);
});

test("register finds the same archive at the same URL, among many, and sends nothing", async (scene) => {
  const { chain, sha256, server: { url } } = scene;
  await chain.add({ sha256, url: `${url}?other` });
  const earlier = await chain.add({ sha256, url });
  for (let more = 0; more < 25; more++) await chain.add({ sha256: "00".repeat(32), url });
  const sent = await chain.sentBy(chain.builder);
  const { code, stdout, stderr } = await scene.register(url, "--allow-http");
  assert.equal(code, 0, stderr);
  assert.match(stdout, new RegExp(`^Instruction ${earlier}$`, "m"));
  const { address } = chain.builder.account;
  assert.match(stderr, new RegExp(`same archive is instruction ${earlier} already, of ${address}`));
  assert.equal(await chain.sentBy(chain.builder), sent);
});

test("register finds the same archive by multicall, where the chain has it", async (scene) => {
  const { chain, sha256, server: { url } } = scene;
  const earlier = await chain.add({ sha256, url });
  for (let more = 0; more < 25; more++) await chain.add({ sha256: "00".repeat(32), url });
  await chain.addMulticall();
  await using rpc = new FaultyRpc(chain.url);
  const { code, stderr } = await scene.register(url, "--allow-http", "--rpc", rpc.url);
  assert.equal(code, 0, stderr);
  assert.match(stderr, new RegExp(`same archive is instruction ${earlier} already`));
  const calls = rpc.calls.filter((method) => method === "eth_call").length;
  assert.ok(calls < 6, `${calls} calls`);
});

test("register only warns when the RPC can't say what is registered", async (scene) => {
  const { chain, server: { url } } = scene;
  await chain.add({ sha256: scene.sha256, url });
  await using rpc = new FaultyRpc(
    chain.url,
    refuses(({ method, params }) => method === "eth_call" && readsInstruction(params), {
      code: -32000,
      message: "no such\x1b[2Jstate",
    }),
  );
  const { stderr } = await scene.refused(url, "--allow-http", "--rpc", rpc.url);
  assert.match(stderr, /warning: Can't tell whether the same archive is registered already: /);
  assert.match(stderr, /no such\\u\{1b\}\[2Jstate/);
  assert.match(stderr, /CAN'T TELL/, "it went on");
  assert.ok(rpc.faults > 0);
});

test("register --again goes on with what is registered already", async (scene) => {
  const { chain, sha256, server: { url } } = scene;
  await chain.add({ sha256, url });
  const { stderr } = await scene.refused(url, "--allow-http", "--again");
  assert.match(stderr, /is instruction 1 already/);
  assert.match(stderr, /CAN'T TELL/);
});

/** Whether a call's parameters are those of `instructions(uint256)`. */
function readsInstruction([call]: unknown[] = []): boolean {
  const selector = toFunctionSelector("instructions(uint256)");
  return (call as { data: string }).data.startsWith(selector);
}
