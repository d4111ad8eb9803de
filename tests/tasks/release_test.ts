import assert from "node:assert/strict";
import { hashHost } from "../../tasks/lib/binary/host_program.ts";
import { readReleases, releaseOfHost, thisVersion } from "../../tasks/lib/release/releases.ts";
import { hasProgram } from "../support/artifacts.ts";
import { Checkout } from "../support/checkout.ts";
import { outcomeOf, spawnProgram } from "../support/run.ts";

const VERSION = thisVersion();

Deno.test("this checkout's host is the one recorded for its version", async () => {
  const release = readReleases()[VERSION];
  assert.deepEqual(
    { deno: Deno.version.deno, host: await hashHost() },
    release,
    `The host isn't that of version ${VERSION}. Run \`deno task release\`, and raise "version" in ` +
      "deno.json first if it tells you to",
  );
});

Deno.test("a host's release is found by its SHA-256", () => {
  assert.equal(releaseOfHost(readReleases()[VERSION]!.host), VERSION);
  assert.equal(releaseOfHost("0".repeat(64)), undefined);
});

Deno.test("the changelog has a section for this version", () => {
  const changelog = Deno.readTextFileSync(new URL("../../CHANGELOG.md", import.meta.url));
  const sections = [...changelog.matchAll(/^## \[(.+?)\] - (?:Unreleased|\d{4}-\d\d-\d\d)$/gm)];
  assert.equal(sections[0]?.[1], VERSION);
});

const ignore = !hasProgram("git");

/** A copy of this checkout with another host, in a git repository that has a tag. */
async function changedCheckout({ tag }: { tag: string }): Promise<Checkout> {
  const checkout = new Checkout("released", { mtime: 1_700_000_000 });
  const commit = ["commit", "--quiet", "--allow-empty", "--message=Release"];
  for (const args of [["init", "--quiet"], commit, ["tag", tag]]) {
    const identity = ["-c", "user.name=A maintainer", "-c", "user.email=maintainer@example.org"];
    const git = spawnProgram("git", ["-C", checkout.path, ...identity, ...args], {});
    const { code, stderr } = await outcomeOf(git);
    assert.equal(code, 0, stderr);
  }
  const host = checkout.join("src/host/main.ts");
  Deno.writeTextFileSync(host, `${Deno.readTextFileSync(host)}globalThis.name = "changed";\n`);
  return checkout;
}

function recordedIn(checkout: Checkout): Record<string, { host: string }> {
  return JSON.parse(Deno.readTextFileSync(checkout.join("releases.json")));
}

function raiseVersion(checkout: Checkout, version: string): void {
  const config = JSON.parse(Deno.readTextFileSync(checkout.join("deno.json")));
  Deno.writeTextFileSync(checkout.join("deno.json"), JSON.stringify({ ...config, version }));
}

Deno.test({
  name: "release replaces the record of a version without a tag",
  ignore,
  async fn() {
    using checkout = await changedCheckout({ tag: "v0.0.1" });
    const { code, stdout, stderr } = await checkout.run("release", []);
    assert.equal(code, 0, stderr);
    const { host } = recordedIn(checkout)[VERSION]!;
    assert.notEqual(host, readReleases()[VERSION]!.host);
    assert.match(
      stdout,
      new RegExp(`^${RegExp.escape(VERSION)}  Deno [\\d.]+  host\\.js ${host}\n$`),
    );
    assert.match(stderr, /Written to releases\.json/);
  },
});

Deno.test({
  name: "release refuses another host for a version that is tagged",
  ignore,
  async fn() {
    using checkout = await changedCheckout({ tag: `v${VERSION}` });
    const { code, stderr } = await checkout.run("release", []);
    assert.equal(code, 1);
    assert.match(stderr, /tagged as v[\d.]+, is [0-9a-f]{64}\. Raise "version" in deno\.json/);
    assert.deepEqual(recordedIn(checkout), readReleases());
  },
});

Deno.test({
  name: "release keeps the records of earlier versions, and puts a new one first",
  ignore,
  async fn() {
    using checkout = await changedCheckout({ tag: `v${VERSION}` });
    raiseVersion(checkout, "99.0.0");
    const { code, stderr } = await checkout.run("release", []);
    assert.equal(code, 0, stderr);
    const recorded = recordedIn(checkout);
    assert.deepEqual(Object.keys(recorded), ["99.0.0", ...Object.keys(readReleases())]);
    assert.deepEqual(recorded[VERSION], readReleases()[VERSION]);
  },
});

Deno.test("release outside of a git repository leaves the record as it is", async () => {
  using checkout = new Checkout("no-repository", { mtime: 1_700_000_000 });
  raiseVersion(checkout, "99.0.0");
  const { code, stderr } = await checkout.run("release", []);
  assert.equal(code, 1);
  assert.match(stderr, /git can't list the tags of this checkout/);
  assert.deepEqual(recordedIn(checkout), readReleases());
});
