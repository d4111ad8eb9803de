/** Archives of two releases with different hosts: each is proved by its own release, and named by the other. */

import assert from "node:assert/strict";
import type { Proof } from "../../tasks/lib/audit/proof.ts";
import { thisVersion } from "../../tasks/lib/release/releases.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { hasProgram } from "../support/artifacts.ts";
import { Checkout } from "../support/checkout.ts";
import { elfImage } from "../support/compiled_binary.ts";
import { rawTar } from "../support/hostile_tar.ts";
import { outcomeOf, spawnProgram } from "../support/run.ts";
import { goodParts, makeBaseArchive } from "../support/test_image.ts";

const [OLD, NEW] = [thisVersion(), "99.0.0"] as const;

/** Two jobs: one on the SDK alone, and one with libraries of npm. */
const JOBS: Record<string, string> = {
  "without libraries": "artifacts.writeText('a.txt', 'a')",
  "with npm libraries": "artifacts.writeText('a.txt', `${parse('a,b', {}).length} ${new Table()}`)",
};

const IMPORTS = `import Table from "cli-table3"; import { parse } from "csv-parse/sync";`;

/** The two releases, the parts that both trust, and an archive of each job by each release. */
class Releases implements Disposable {
  readonly #folder = new TemporaryFolder({ prefix: "releases-" });
  readonly #checkouts = new Map<string, Checkout>();
  readonly #base = this.#folder.join("base.tar");
  readonly #env = { DENORT_BIN: this.#folder.join("denort") };

  constructor() {
    const layer = rawTar([{ name: "etc/passwd", data: "root:x:0:0::/:\n" }]);
    Deno.writeFileSync(this.#base, makeBaseArchive({ ...goodParts(), base: layer }));
    Deno.writeFileSync(this.#env.DENORT_BIN, elfImage());
    for (const version of [OLD, NEW]) {
      this.#checkouts.set(version, new Checkout(version, { mtime: 1_700_000_000 }));
    }
  }

  /** Changes a checkout's host. */
  changeHost(version: string): void {
    const host = this.#checkouts.get(version)!.join("src/host/main.ts");
    Deno.writeTextFileSync(host, `${Deno.readTextFileSync(host)}globalThis.name = "new";\n`);
  }

  /** Changes the new release's host, and records it. */
  async makeNew(): Promise<void> {
    this.changeHost(NEW);
    const checkout = this.#checkouts.get(NEW)!;
    const config = JSON.parse(Deno.readTextFileSync(checkout.join("deno.json")));
    const changed = JSON.stringify({ ...config, version: NEW });
    Deno.writeTextFileSync(checkout.join("deno.json"), changed);
    await outcomeOf(spawnProgram("git", ["-C", checkout.path, "init", "--quiet"], {}));
    const { code, stderr } = await checkout.run("release", []);
    assert.equal(code, 0, stderr);
  }

  /** Exports a job by a release. */
  async export(version: string, job: string): Promise<string> {
    const checkout = this.#checkouts.get(version)!;
    Deno.writeTextFileSync(
      checkout.join("main.ts"),
      `${job === "with npm libraries" ? IMPORTS : ""} import { defineJob } from "./mod.ts";
       export default defineJob({ name: "job", async process({ artifacts }) { await ${
        JOBS[job]
      }; } });`,
    );
    const output = this.#folder.join(`${version} ${job}.tar.gz`);
    const args = ["--output", output, "--base", this.#base];
    const { code, stderr } = await checkout.run("export", args, this.#env);
    assert.equal(code, 0, stderr);
    return output;
  }

  /** Verifies an archive by a release. */
  async verify(version: string, archive: string): Promise<{ code: number; proof: Proof }> {
    const checkout = this.#checkouts.get(version)!;
    const args = [archive, "--base", this.#base, "--json"];
    const { code, stdout } = await checkout.run("verify", args, this.#env);
    return { code, proof: JSON.parse(stdout) };
  }

  [Symbol.dispose](): void {
    for (const checkout of this.#checkouts.values()) checkout[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

Deno.test({
  name: "an archive is proved by its release, and the other release names it",
  ignore: !hasProgram("git"),
  async fn(t) {
    using releases = new Releases();
    await releases.makeNew();
    for (const job of Object.keys(JOBS)) {
      for (const [version, other] of [[OLD, NEW], [NEW, OLD]] as const) {
        const archive = await releases.export(version, job);
        await t.step(`a job ${job} is proved by ${version}`, async () => {
          const { code, proof } = await releases.verify(version, archive);
          assert.equal(code, 0, proof.reasons.join());
          assert.equal(proof.labels["org.opencontainers.image.version"], version);
          const { seen } = proof.parts.find(({ name }) => name === "host")!;
          assert.ok(seen.startsWith(`this checkout's, of release ${version}, `), seen);
          assert.deepEqual(proof.notes.filter((note) => note.includes("no release")), []);
        });
        await t.step(`a job ${job} is refused by ${other}, which names ${version}`, async () => {
          const { code, proof } = await releases.verify(other, archive);
          assert.equal(code, 1);
          const reason = proof.differences?.map(({ seen }) => seen)
            .find((seen) => seen.startsWith("the host (host.js) is that of "));
          assert.ok(reason !== undefined, JSON.stringify(proof.differences));
          // The older release can't know the newer one's host, and has its label only.
          const named = version === OLD
            ? `release ${version}, but this checkout is ${other}: verify the archive in a checkout of v${version}`
            : `A label claims release ${version}, and this checkout is ${other}: if you trust that ` +
              `release, verify the archive in a checkout of v${version}`;
          assert.ok(reason.includes(named), reason);
        });
      }
    }
  },
});

Deno.test("a proof by a checkout whose host was changed since its release says so", async () => {
  using releases = new Releases();
  releases.changeHost(OLD);
  const archive = await releases.export(OLD, "without libraries");
  const { code, proof } = await releases.verify(OLD, archive);
  assert.equal(code, 0);
  assert.match(proof.notes.join(), /host of this checkout is that of no release/);
});
