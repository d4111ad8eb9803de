/**
 * Proves an archive by making it again from parts that this checkout trusts.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { basename } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { PROGRAM_NAME } from "../../../src/host/embedded_job.ts";
import { printable } from "../../../src/printable.ts";
import { compileProgram, NoRuntimeError } from "../binary/compile_program.ts";
import {
  describeProgram,
  type JobProgram,
  NoJobError,
  stockRelay,
} from "../binary/describe_job.ts";
import { type EmbeddedProgram, readEmbeddedProgram } from "../binary/embedded_program.ts";
import { HOST_NAME } from "../binary/host_program.ts";
import type { SourceComparison } from "../builder_source/compare_source.ts";
import { ToolError } from "../errors.ts";
import { hashBytes, hashFile } from "../hash.ts";
import { hiddenCharacters } from "../hidden_characters.ts";
import { NoBaseError } from "../image/base.ts";
import { expectReadable } from "../image/claims.ts";
import { readDockerfile } from "../image/dockerfile.ts";
import { checksumFile, DOCKERFILE } from "../image/export.ts";
import { type OnProgress, startStep } from "../screen/progress.ts";
import type { Reach } from "../http/reach.ts";
import { releaseOfHost } from "../release/releases.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { describeContents } from "./describe_contents.ts";
import { type Difference, meaningsOf, type Part } from "./difference.ts";
import { hasExportForm } from "./export_form.ts";
import { fetchArchive, type FetchedArchive, isUrl } from "./fetch_archive.ts";
import { makeAgain } from "./make_again.ts";
import type { Proof } from "./proof.ts";
import { pickRuntime, type TrustedRuntime } from "./pick_runtime.ts";
import { type ArchiveParts, takeApart } from "./take_apart.ts";

/** Options of {@linkcode proveArchive}. */
export interface ProofOptions {
  /** The SHA-256 that the archive must have, in lower-case hexadecimal, and who says so. */
  expected?: { sha256: string; by: string };
  /**
   * The base that is trusted.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /**
   * Accept `http:` URLs that lead to this machine itself.
   *
   * @default false
   */
  allowHttp?: boolean;
  /**
   * Which addresses the archive's URL may lead to.
   *
   * @default "typed"
   */
  reach?: Reach;
  /** Called with the job's program, as soon as it is known. */
  onProgram?: (program: JobProgram) => void;
  /**
   * Compares the job's program with what its source makes; none for the stock relay, which has no program.
   *
   * @default it isn't compared
   * @throws {ToolError} The source can't be compared.
   */
  compareSource?: (program: Uint8Array | undefined) => Promise<SourceComparison>;
  /** Called while the archive is downloaded and made again. */
  onProgress?: OnProgress;
}

/**
 * Proves an archive. Nothing in it is trusted, and nothing of it is evaluated but the job's program, in the
 * isolate without rights in which `export` evaluates it.
 *
 * @param source A file, or an `https:` URL.
 * @throws {ToolError} There is nothing to prove: no such file, or a URL that gives none.
 */
export async function proveArchive(source: string, options: ProofOptions = {}): Promise<Proof> {
  using folder = new TemporaryFolder({ prefix: "verify-" });
  const archive = await fetchArchive(source, {
    path: folder.join("archive"),
    allowHttp: options.allowHttp ?? false,
    reach: options.reach ?? "typed",
    expected: options.expected?.sha256,
    onProgress: options.onProgress,
  });
  const { sha256, size, note } = archive;
  const expected = options.expected ?? readChecksum(source);
  const by = expected && printable(expected.by);
  const proof: Proof = {
    verdict: "unknown",
    reasons: [],
    notes: note === undefined ? [] : [note],
    archive: { sha256, size, comparedWith: by },
    parts: [],
    labels: {},
  };
  if (expected !== undefined && expected.sha256 !== sha256) {
    const reason = `the archive's SHA-256 is ${sha256}; ${by} says ${expected.sha256}`;
    return { ...proof, verdict: "differs", reasons: [reason] };
  }
  try {
    await new Prover(proof, archive, options).prove();
  } catch (error) {
    // What isn't known to be the archive's fault says nothing about it.
    const message = printable(messageOf(error), "\n");
    proof.verdict = "unknown";
    proof.reasons = [
      error instanceof ToolError ? message : `it can't be made again here: ${message}`,
    ];
    proof.remedy ??= remedyFor(error);
  }
  return proof;
}

function remedyFor(error: unknown): string {
  if (error instanceof NoBaseError) {
    return "Verify where the base can be reached, or name a base that you trust as a file";
  }
  return error instanceof ToolError
    ? "Remove the cause and verify again; until then, nothing is known of this archive"
    : `Temporary files are in ${tmpdir()}; if that is full, set TMPDIR to a folder with more room`;
}

function readChecksum(source: string): ProofOptions["expected"] {
  if (isUrl(source)) return undefined;
  const by = checksumFile(basename(source));
  try {
    const text = Deno.readTextFileSync(checksumFile(source));
    const sha256 = /^[0-9a-f]{64}(?=\s)/.exec(text)?.[0] ?? "something that is no SHA-256";
    return { sha256, by };
  } catch {
    return undefined;
  }
}

/** The steps of a proof, each of which fills in what it finds. */
class Prover {
  readonly #proof: Proof;
  readonly #archive: FetchedArchive;
  readonly #options: ProofOptions;

  constructor(proof: Proof, archive: FetchedArchive, options: ProofOptions) {
    this.#proof = proof;
    this.#archive = archive;
    this.#options = options;
  }

  async prove(): Promise<void> {
    const { path } = this.#archive;
    if (!await hasExportForm(path)) return await this.#describe();
    using folder = new TemporaryFolder({ prefix: "verify-parts-" });
    const parts = await this.#orDiffers("packing", () => takeApart(path, folder.path));
    if (parts === undefined || this.#isOfOtherDeno(parts)) return;
    const { binary } = parts;
    const labels = await this.#orDiffers("config", () => expectReadable(parts.labels));
    if (labels === undefined) return;
    this.#proof.labels = labels;
    const embedded = await this.#orDiffers("program", () => readEmbeddedProgram(binary));
    if (embedded === undefined) return;
    const program = await this.#readProgram(embedded);
    if (program === undefined) return;
    await this.#compare(parts, program, pickRuntime(parts.binary, embedded.runtimeBytes));
  }

  /** Another tool's archive isn't what `export` makes, however good it may be. */
  async #describe(): Promise<void> {
    const contents = await describeContents(this.#archive.path);
    const fault = contents.find(({ name }) => name === "fault");
    this.#proof.contents = contents;
    this.#proof.reasons = [
      fault?.seen ?? "another tool than `export` wrote the archive, like `docker save`",
    ];
    this.#proof.remedy = "Ask its builder for the archive that `deno task export` makes";
  }

  /** An archive of `export` that can't be read as one was changed. */
  async #orDiffers<T>(part: Part, step: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.#differs([{ part, seen: error.message }]);
      return undefined;
    }
  }

  #differs(differences: Difference[]): void {
    this.#proof.verdict = "differs";
    this.#proof.reasons = meaningsOf(differences);
    this.#proof.differences = differences.map(({ part, seen }) => ({
      part,
      seen: printable(seen),
    }));
  }

  #isOfOtherDeno({ deno }: ArchiveParts): boolean {
    if (deno === undefined || deno === Deno.version.deno) return false;
    this.#proof.deno = deno;
    this.#proof.reasons = [
      `the archive was made with Deno ${deno}, and this is Deno ${Deno.version.deno}, which makes others`,
    ];
    return true;
  }

  async #readProgram(embedded: EmbeddedProgram): Promise<JobProgram | undefined> {
    const file = embedded.files.find(({ name }) => name === PROGRAM_NAME);
    let program: JobProgram;
    try {
      program = file === undefined
        ? stockRelay()
        : await describeProgram(file.bytes, "The program in the archive");
    } catch (error) {
      if (!(error instanceof NoJobError)) throw error;
      this.#proof.verdict = "differs";
      this.#proof.reasons = [printable(error.message, "\n")];
      return undefined;
    }
    const { job: { name, network, stock }, bytes = new Uint8Array() } = program;
    this.#proof.program = { name, network, stock, size: bytes.length, sha256: hashBytes(bytes) };
    const hidden = hiddenCharacters(bytes, "The program");
    if (hidden !== undefined) this.#proof.notes.push(hidden);
    this.#options.onProgram?.(program);
    return program;
  }

  async #compare(
    { labels }: ArchiveParts,
    program: JobProgram,
    runtime: TrustedRuntime,
  ): Promise<void> {
    const { base = readDockerfile(DOCKERFILE).base, onProgress } = this.#options;
    startStep(onProgress, "Making the archive again");
    this.#proof.onTestRuntime = runtime.isTest;
    const comparison = await makeAgain(this.#archive.path, labels, {
      makeBinary: (output) => this.#makeBinary(program, { output, runtime }),
      base,
      onProgress,
    });
    this.#proof.parts.push({ name: "base", seen: printable(base) });
    if (runtime.isTest) this.#proof.notes.push(TEST_RUNTIME_NOTE);
    if (!comparison.same) return this.#differs(comparison.differences);
    if (comparison.sha256 !== this.#proof.archive.sha256) {
      // What was compared last isn't what was hashed first, and the SHA-256 is what is registered.
      throw new ToolError("the archive's file was changed while it was read");
    }
    await this.#compareSource(program);
  }

  async #orUnknown<T>(step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      this.#proof.remedy = NO_SOURCE_REMEDY;
      this.#proof.notes.push(
        "The archive is what this checkout makes; only its source isn't compared",
      );
      throw error;
    }
  }

  async #compareSource({ bytes }: JobProgram): Promise<void> {
    const { compareSource, onProgress } = this.#options;
    if (compareSource !== undefined) {
      startStep(onProgress, "Making the program again from its source");
      const source = await this.#orUnknown(() => compareSource(bytes));
      this.#proof.source = source;
      this.#proof.notes.push(...source.notes);
      if (!source.same) {
        this.#proof.verdict = "differs";
        this.#proof.reasons = ["the source makes another program than the one in the archive"];
        return;
      }
    }
    this.#proof.verdict = "proved";
  }

  async #makeBinary(
    program: JobProgram,
    { output, runtime }: { output: string; runtime: TrustedRuntime },
  ): Promise<JobProgram["job"]> {
    try {
      await compileProgram(program, { output, runtime: runtime.path });
    } catch (error) {
      if (!(error instanceof NoRuntimeError)) throw error;
      this.#proof.remedy = NO_RUNTIME_REMEDY;
      const [first] = error.message.split("\n", 1);
      throw new ToolError(
        `the archive is on another runtime (SHA-256 ${runtime.theirs}) than the one that ` +
          `\`deno task denort\` pins, and Deno's own isn't available to compare it with: ${first}`,
      );
    }
    const embedded = readEmbeddedProgram(output);
    const sha256 = hashFile(output, embedded.runtimeBytes);
    const host = hashBytes(embedded.files.find(({ name }) => name === HOST_NAME)?.bytes ?? "");
    const release = releaseOfHost(host);
    this.#proof.parts.push(
      { name: "runtime", seen: `${runtime.name}, SHA-256 ${sha256}` },
      {
        name: "host",
        seen: `this checkout's, ${
          release === undefined ? "of no release" : `of release ${release}`
        }, SHA-256 ${host}`,
      },
    );
    if (release === undefined) this.#proof.notes.push(CHANGED_HOST_NOTE);
    return program.job;
  }
}

const NO_SOURCE_REMEDY =
  "Ask the builder for a source that can be compared; without --source, the archive alone is proved";

const NO_RUNTIME_REMEDY =
  "Verify on a network that reaches Deno's own host, or set DENORT_BIN to the runtime (denort) of your " +
  "own Deno";

const CHANGED_HOST_NOTE =
  "The host of this checkout is that of no release: its source was changed. A proof is worth as much as the " +
  "checkout that makes it";

const TEST_RUNTIME_NOTE =
  "The binary is on the runtime that `deno task denort` pins, from a Python package; whether Deno's own " +
  "download is the same was not compared";
