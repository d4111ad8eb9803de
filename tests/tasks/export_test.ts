import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { hashFile } from "../../tasks/lib/hash.ts";
import { openBase } from "../../tasks/lib/image/base.ts";
import { parseReference } from "../../tasks/lib/image/reference.ts";
import { CACHE } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import {
  canCompile,
  canMakeBase,
  hasProgram,
  runtimeEnv,
  sharedArchive,
} from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { Checkout } from "../support/checkout.ts";
import { canRunRegistry, TestRegistry } from "../support/registry.ts";
import { runTask } from "../support/run.ts";

const ignore = !(canCompile && canMakeBase);

Deno.test({
  name: "export from another checkout, by way of a registry, makes the same archive",
  ignore: ignore || !canRunRegistry,
  async fn() {
    await using registry = await TestRegistry.start();
    const base = await registry.push(await standInBase(), "distroless/stand-in");
    using checkout = new Checkout("another/place", { mtime: 1_500_000_000 });
    const output = checkout.join("dist/renamed.tar.gz");
    const { code, stdout, stderr } = await checkout.run(
      "export",
      ["--output", output, "--base", base],
      runtimeEnv(),
    );
    assert.equal(code, 0, stderr);
    const expected = hashFile(await sharedArchive());
    assert.equal(hashFile(output), expected);
    assert.match(stdout, new RegExp(`SHA-256 +${expected}\n`));
    assert.match(stdout, /image +sha256:[0-9a-f]{64}\n/);
    assert.match(stdout, /unpacked \d+\.\d MiB/);
    assert.match(stdout, /Next: audit it with `deno task verify/);
    const kept = [...Deno.readDirSync(checkout.join(".cache/blobs"))];
    assert.equal(kept.length, 3, "manifest, config and one layer");
  },
});

Deno.test({
  name: "sha256sum takes the checksum that export writes",
  ignore: ignore || !hasProgram("sha256sum"),
  async fn() {
    const archive = await sharedArchive();
    const { success } = await new Deno.Command("sha256sum", {
      args: ["--check", "--strict", `${archive}.sha256`],
      cwd: dirname(archive),
    }).output();
    assert.ok(success);
  },
});

Deno.test({
  name: "the archive is a gzip that names no time, file or system",
  ignore,
  async fn() {
    const head = new Uint8Array(10);
    using file = Deno.openSync(await sharedArchive());
    file.readSync(head);
    assert.deepEqual([...head], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
  },
});

for (const transport of ["oci-archive", "docker-archive"]) {
  Deno.test({
    name: `buildah takes the unpacked archive as ${transport}`,
    ignore: ignore || !hasProgram("buildah"),
    async fn() {
      using folder = new TemporaryFolder({ prefix: "buildah-" });
      const tar = folder.join("archive.tar");
      const archive = await Deno.open(await sharedArchive());
      await archive.readable.pipeThrough(new DecompressionStream("gzip"))
        .pipeTo((await Deno.create(tar)).writable);
      const storage = [`--root=${folder.join("root")}`, `--runroot=${folder.join("run")}`]
        .concat("--storage-driver=vfs");
      const buildah = async (...args: string[]) => {
        const { success, stdout, stderr } = await new Deno.Command("buildah", {
          args: [...storage, ...args],
          env: { TMPDIR: folder.path },
        }).output();
        assert.ok(success, new TextDecoder().decode(stderr));
        return new TextDecoder().decode(stdout).trim();
      };
      const id = await buildah("pull", "--quiet", `${transport}:${tar}`);
      const inspected = JSON.parse(await buildah("inspect", "--type=image", id));
      assert.deepEqual(inspected.OCIv1.config.Entrypoint, ["/relay"]);
    },
  });
}

Deno.test({
  name: "an export that fails keeps the earlier archive and leaves nothing else",
  ignore,
  async fn() {
    using folder = new TemporaryFolder({ prefix: "export-test-" });
    const output = folder.join("job.tar.gz");
    Deno.writeTextFileSync(output, "earlier");
    const base = folder.join("base.tar");
    Deno.writeTextFileSync(base, "no tar");
    const { code, stderr } = await runTask("export", ["--output", output, "--base", base]);
    assert.equal(code, 1);
    assert.match(stderr, /base\.tar can't be read as a tar/);
    assert.equal(Deno.readTextFileSync(output), "earlier");
    assert.deepEqual([...Deno.readDirSync(folder.path)].length, 2);
  },
});

Deno.test("names of images are read as Docker reads them", () => {
  const read = (text: string) => {
    const { registry, repository, tag, digest } = parseReference(text);
    return [registry.origin, repository, tag, digest];
  };
  const digest = `sha256:${"0".repeat(64)}`;
  assert.deepEqual(read(`gcr.io/distroless/cc:latest@${digest}`), [
    "https://gcr.io",
    "distroless/cc",
    "latest",
    digest,
  ]);
  assert.deepEqual(read("debian"), [
    "https://registry-1.docker.io",
    "library/debian",
    undefined,
    undefined,
  ]);
  assert.deepEqual(read("user/name:1.2")[1], "user/name");
  assert.deepEqual(read("localhost:5000/a/b:c"), ["http://localhost:5000", "a/b", "c", undefined]);
  assert.deepEqual(read("registry.example.org:5000/a")[0], "https://registry.example.org:5000");
});

for (
  const text of ["", "Upper/Case", "name@sha256:abc", "name@md5:0", "-x", "a b", "http://host/name"]
) {
  Deno.test(`${JSON.stringify(text)} is no image's name`, () => {
    assert.throws(() => parseReference(text), /neither a file nor an image's name/);
  });
}

Deno.test("a base without a digest is refused, and told what it is at the moment", async () => {
  await using registry = new FakeRegistry();
  await assert.rejects(openAt(`${registry.host}/base:1`), {
    name: "ToolError",
    message: new RegExp(`isn't pinned.*base:1@${registry.manifestDigest}`),
  });
});

Deno.test("a base behind a token is pulled with the token, which stays with the registry", async () => {
  await using registry = new FakeRegistry({ token: "letmein", blobsElsewhere: true });
  const layers = await openAt(registry.pinned);
  assert.equal(layers, 1);
  assert.deepEqual(registry.tokensSeenElsewhere, [null]);
});

Deno.test("a base's list of platforms leads to linux/amd64", async () => {
  await using registry = new FakeRegistry();
  assert.equal(await openAt(`${registry.host}/base@${registry.indexDigest}`), 1);
});

Deno.test("a base's layer that isn't what its digest says is refused and not kept", async () => {
  await using registry = new FakeRegistry({ tamper: true });
  await assert.rejects(openAt(registry.pinned), /doesn't match its digest; nothing was kept/);
  await assert.rejects(openAt(registry.pinned), /doesn't match its digest/);
});

Deno.test("a base's layer that isn't what the config says is refused", async () => {
  await using registry = new FakeRegistry({ wrongDiffId: true });
  await assert.rejects(openAt(registry.pinned), /doesn't match its config/);
});

Deno.test("a base for another machine is refused", async () => {
  await using registry = new FakeRegistry({ architecture: "arm64" });
  await assert.rejects(openAt(registry.pinned), /is for linux\/arm64; expected linux\/amd64/);
});

Deno.test("a base that isn't there is named", async () => {
  await using registry = new FakeRegistry();
  const digest = `sha256:${"0".repeat(64)}`;
  await assert.rejects(openAt(`${registry.host}/base@${digest}`), /answers 404: there is no such/);
});

async function openAt(base: string): Promise<number> {
  using folder = new TemporaryFolder({ prefix: "base-test-" });
  const { layers } = await openBase(base, { folder: folder.path });
  return layers.length;
}

interface FakeRegistryOptions {
  token?: string;
  blobsElsewhere?: boolean;
  tamper?: boolean;
  wrongDiffId?: boolean;
  architecture?: string;
}

/** A registry that can do what a real one shouldn't, or what takes more than one to try. */
class FakeRegistry implements AsyncDisposable {
  readonly host: string;
  readonly manifestDigest: string;
  readonly indexDigest: string;
  readonly tokensSeenElsewhere: (string | null)[] = [];
  readonly #documents = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #options: FakeRegistryOptions;
  readonly #servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  readonly #layer: string;

  constructor(options: FakeRegistryOptions = {}) {
    this.#options = options;
    // A layer of its own each time, so that no test finds another's in the cache.
    const tar = new Uint8Array(10_240);
    crypto.getRandomValues(tar.subarray(0, 512));
    const diffId = digestOf(options.wrongDiffId ? new Uint8Array(1) : tar);
    this.#layer = this.#add(new Uint8Array(gzipSync(tar)));
    const config = this.#add({
      os: "linux",
      architecture: options.architecture ?? "amd64",
      rootfs: { type: "layers", diff_ids: [diffId] },
    });
    this.manifestDigest = this.#add({
      config: { digest: config, size: 1 },
      layers: [{ digest: this.#layer, size: 1 }],
    });
    this.indexDigest = this.#add({
      manifests: ["arm64", "amd64"].map((architecture) => ({
        digest: architecture === "amd64" ? this.manifestDigest : config,
        size: 1,
        platform: { os: "linux", architecture },
      })),
    });
    this.#documents.set("1", this.#documents.get(this.manifestDigest)!);
    const serve = (handler: (request: Request) => Response) => {
      const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, handler);
      this.#servers.push(server);
      return `127.0.0.1:${server.addr.port}`;
    };
    const elsewhere = serve((request) => {
      this.tokensSeenElsewhere.push(request.headers.get("authorization"));
      return this.#answer(new URL(request.url));
    });
    this.host = serve((request) => this.#handle(request, elsewhere));
  }

  get pinned(): string {
    return `${this.host}/base@${this.manifestDigest}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.shutdown()));
    for (const digest of this.#documents.keys()) {
      await Deno.remove(join(CACHE, "blobs", digest.replace("sha256:", ""))).catch(() => {});
    }
  }

  #add(value: unknown): string {
    const bytes = value instanceof Uint8Array
      ? new Uint8Array(value)
      : new TextEncoder().encode(JSON.stringify(value));
    const digest = digestOf(bytes);
    this.#documents.set(digest, bytes);
    return digest;
  }

  #handle(request: Request, elsewhere: string): Response {
    const { token, blobsElsewhere } = this.#options;
    const url = new URL(request.url);
    if (url.pathname === "/token") {
      assert.equal(url.searchParams.get("scope"), "repository:base:pull");
      return Response.json({ token });
    }
    if (token !== undefined && request.headers.get("authorization") !== `Bearer ${token}`) {
      return new Response(null, {
        status: 401,
        headers: {
          "www-authenticate":
            `Bearer realm="http://${url.host}/token",service="x",scope="repository:base:pull"`,
        },
      });
    }
    if (blobsElsewhere && url.pathname.endsWith(this.#layer)) {
      return Response.redirect(`http://${elsewhere}${url.pathname}`, 307);
    }
    return this.#answer(url);
  }

  #answer({ pathname }: URL): Response {
    const digest = pathname.split("/").at(-1)!;
    const bytes = this.#documents.get(digest);
    if (bytes === undefined) return new Response("none", { status: 404 });
    if (!this.#options.tamper || digest !== this.#layer) return new Response(bytes);
    return new Response(bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1));
  }
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
