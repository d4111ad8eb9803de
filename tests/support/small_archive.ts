/**
 * An archive that `export` makes, on a runtime and a base that are small: the proof of it is real and quick.
 *
 * @module
 */

import { join } from "node:path";
import { bundleJob } from "../../tasks/lib/binary/job_program.ts";
import { compileProgram } from "../../tasks/lib/binary/compile_program.ts";
import { describeProgram, type JobProgram } from "../../tasks/lib/binary/describe_job.ts";
import { readDockerfile } from "../../tasks/lib/image/dockerfile.ts";
import { DOCKERFILE, packArchive } from "../../tasks/lib/image/export.ts";
import { jobLabels } from "../../tasks/lib/image/job_labels.ts";
import { elfImage } from "./compiled_binary.ts";
import { rawTar } from "./hostile_tar.ts";
import { type Outcome, runTask } from "./run.ts";
import { goodParts, makeBaseArchive } from "./test_image.ts";

/** A job that is no relay, so its archive has a program. */
const JOB = `import { defineJob } from ${JSON.stringify(new URL("../../mod.ts", import.meta.url))};
export default defineJob({
  name: "small-job",
  network: ["data.example.org:443"],
  process({ artifacts }) {
    artifacts.writeJson("hello.json", { hello: "world" });
  },
});
`;

/** A small archive, with what it takes to prove it. */
export class SmallArchive implements Disposable {
  readonly #folder: string = Deno.makeTempDirSync({ prefix: "small-archive-" });
  /** The archive. */
  readonly path: string = this.join("small.tar.gz");
  /** The base's file. */
  readonly base: string = this.join("base.tar");
  /** The runtime's file: an ELF image that does nothing. */
  readonly runtime: string = this.join("denort");
  /** Its job. */
  program!: JobProgram;

  /** Makes one. */
  static async make(): Promise<SmallArchive> {
    const archive = new SmallArchive();
    await archive.#make();
    return archive;
  }

  /** Makes another from the same parts, with another binary. */
  async pack(program: JobProgram, { runtime = this.runtime } = {}): Promise<string> {
    const folder = Deno.makeTempDirSync({ dir: this.#folder });
    const binary = join(folder, "relay");
    await compileProgram(program, { output: binary, runtime });
    const labels = { ...readDockerfile(DOCKERFILE).labels, ...jobLabels(program.job) };
    const output = join(folder, "small.tar.gz");
    return (await packArchive(binary, { base: this.base, output, labels })).path;
  }

  /** Verifies an archive by the command, with the base and the runtime of this one. */
  verify(
    archive: string,
    args: string[] = [],
    env: Record<string, string> = {},
  ): Promise<Outcome> {
    const trusted = [archive, "--base", this.base, ...args];
    return runTask("verify", trusted, { DENORT_BIN: this.runtime, ...env });
  }

  async #make(): Promise<void> {
    const layer = rawTar([{ name: "etc/passwd", data: "root:x:0:0::/:\n" }]);
    Deno.writeFileSync(this.base, makeBaseArchive({ ...goodParts(), base: layer }));
    Deno.writeFileSync(this.runtime, elfImage());
    const entry = this.join("job.ts");
    Deno.writeTextFileSync(entry, JOB);
    const bytes = new TextEncoder().encode(await bundleJob(entry));
    this.program = await describeProgram(bytes, "the small job");
    Deno.renameSync(await this.pack(this.program), this.path);
  }

  /** The path of something in its folder. */
  join(name: string): string {
    return join(this.#folder, name);
  }

  /** Removes it. */
  [Symbol.dispose](): void {
    Deno.removeSync(this.#folder, { recursive: true });
  }
}
