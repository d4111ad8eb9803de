import assert from "node:assert/strict";
import { openBase } from "../../../../tasks/lib/image/base.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { FakeRegistry } from "../../../support/fake_registry.ts";

Deno.test("a base without a digest is refused, and told what it is at the moment", async () => {
  await using registry = new FakeRegistry();
  await assert.rejects(openAt(`${registry.host}/base:1`), {
    name: "ToolError",
    message: new RegExp(`isn't pinned.*base:1@${registry.manifestDigest}`),
  });
});

Deno.test("a base behind a token is pulled with the token, which stays with the registry", async () => {
  await using registry = new FakeRegistry({ tokenUses: 9, blobsElsewhere: true });
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

Deno.test("a token that expires between two blobs is replaced", async () => {
  await using registry = new FakeRegistry({ tokenUses: 1 });
  assert.equal(await openAt(registry.pinned), 1);
  assert.equal(registry.tokens, 3, "one each for manifest, config and layer");
});

Deno.test("a registry that never takes its own token is asked twice only", async () => {
  await using registry = new FakeRegistry({ tokenUses: 0 });
  await assert.rejects(openAt(registry.pinned), /answers 401: the image isn't public, or doesn't/);
  assert.equal(registry.tokens, 1);
});

/** Ways to ask for a token that the standard allows, or that registries use. */
const CHALLENGES: Record<string, (realm: string) => string> = {
  "with unquoted values": (realm) => `Bearer realm=${realm},service=x,scope=repository:base:pull`,
  "in lower case, with spaces": (realm) =>
    `bearer  Realm = "${realm}" , scope = "repository:base:pull"`,
  "after another way": (realm) => `Basic realm="a, b", Bearer realm="${realm}",service="x"`,
  "before another way": (realm) => `Bearer realm="${realm}", Negotiate YWJj==`,
  "with escapes": (realm) => `Bearer realm="${realm.replace("token", "\\token")}"`,
};

for (const [what, challenge] of Object.entries(CHALLENGES)) {
  Deno.test(`a registry may ask for a token ${what}`, async () => {
    await using registry = new FakeRegistry({
      tokenUses: 9,
      challenge: (host) => challenge(`http://${host}/token`),
    });
    assert.equal(await openAt(registry.pinned), 1);
  });
}

Deno.test("a registry that wants a login is named", async () => {
  await using registry = new FakeRegistry({ tokenUses: 9, challenge: () => 'Basic realm="x"' });
  await assert.rejects(openAt(registry.pinned), /127\.0\.0\.1:\d+ requires a login/);
});

for (const status of [429, 503]) {
  const refuse = () =>
    Response.json({ errors: [{ code: "BUSY", message: "You are over\u202e the limit" }] }, {
      status,
      headers: { "retry-after": "0" },
    });

  Deno.test(`a registry that answers ${status} is asked again`, async () => {
    await using registry = new FakeRegistry({ busy: [refuse, refuse] });
    assert.equal(await openAt(registry.pinned), 1);
  });

  Deno.test(`a registry that keeps answering ${status} is quoted, printably`, async () => {
    await using registry = new FakeRegistry({ busy: Array(9).fill(refuse) });
    await assert.rejects(openAt(registry.pinned), {
      name: "ToolError",
      message: new RegExp(
        `answers ${status}: .*try again later\\s+You are over\\\\u\\{202e\\} the limit$`,
      ),
    });
  });
}

Deno.test("a layer that is sent with Content-Encoding: gzip is kept as it is stored", async () => {
  await using registry = new FakeRegistry({ encoded: true });
  assert.equal(await openAt(registry.pinned), 1);
});

Deno.test("an index with variants of amd64 is refused, with the digests to pin", async () => {
  await using registry = new FakeRegistry();
  const other = `sha256:${"0".repeat(64)}`;
  const index = registry.addIndex([undefined, "v3"], [registry.manifestDigest, other]);
  await assert.rejects(openAt(`${registry.host}/base@${index}`), (error: Error) => {
    assert.match(error.message, /has 2 images for linux\/amd64\. Pin the digest of one of them:/);
    assert.ok(error.message.includes(`${registry.manifestDigest} (variant not given)`));
    assert.ok(error.message.includes(`${other} (variant v3)`));
    return true;
  });
});

Deno.test("an index that names one image twice has one image", async () => {
  await using registry = new FakeRegistry();
  const index = registry.addIndex([undefined, undefined]);
  assert.equal(await openAt(`${registry.host}/base@${index}`), 1);
});

Deno.test("an index may lead to an index", async () => {
  await using registry = new FakeRegistry();
  const index = registry.addIndex([undefined], [registry.indexDigest]);
  assert.equal(await openAt(`${registry.host}/base@${index}`), 1);
});

for (const base of ["base.tra", "dist/base.tra", "debian:13"]) {
  Deno.test(`${base} is neither a file nor pinned, and isn't looked for on Docker Hub`, async () => {
    await assert.rejects(openAt(base), /is neither a file nor a pinned image/);
  });
}

async function openAt(base: string): Promise<number> {
  using folder = new TemporaryFolder({ prefix: "base-test-" });
  const { layers } = await openBase(base, { folder: folder.path });
  return layers.length;
}
