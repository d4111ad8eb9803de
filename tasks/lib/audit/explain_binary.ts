/**
 * Explains where two binaries differ: in the runtime, in how the program is run, or in its files.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { DESCRIPTION_NAME } from "../../../src/host/embedded_job.ts";
import type { EmbeddedFile } from "../binary/embedded_files.ts";
import { type EmbeddedProgram, readEmbeddedProgram } from "../binary/embedded_program.ts";
import { readElfHeader } from "../binary/elf.ts";
import { HOST_NAME } from "../binary/host_program.ts";
import { ToolError } from "../errors.ts";
import { hashBytes, hashFile } from "../hash.ts";
import { type Difference, differencesIn } from "./difference.ts";
import { explainHost } from "./explain_host.ts";
import { compareValues } from "./explain_json.ts";
import { firstFileDifference } from "./first_difference.ts";

const LONGEST_DESCRIPTION = 500;

/**
 * Compares the binaries of two archives.
 *
 * @param ours The one that was made again.
 * @param claimed The version of Result Relay in the other one's label.
 * @returns Where they differ; nothing if they are the same.
 * @throws {ToolError} Ours isn't a compiled program.
 */
export async function explainBinary(
  theirs: string,
  ours: string,
  claimed: string | undefined,
): Promise<Difference[]> {
  const offset = await firstFileDifference(theirs, ours);
  if (offset === undefined) return [];
  const here = readEmbeddedProgram(ours);
  const differences: Difference[] = [];
  if (offset < here.runtimeBytes) {
    const seen = describeRuntimes(theirs, ours, offset, here.runtimeBytes);
    differences.push({ part: "runtime", seen });
  }
  try {
    differences.push(...comparePrograms(readEmbeddedProgram(theirs), here, claimed));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    differences.push({ part: "program", seen: error.message });
  }
  if (differences.length > 0) return differences;
  const where = sectionAt(here, offset);
  return [{
    part: "program",
    seen: `the binary differs at byte ${offset}, in its payload's ${where}`,
  }];
}

function describeRuntimes(
  theirs: string,
  ours: string,
  offset: number,
  runtimeBytes: number,
): string {
  const end = readElfHeader(theirs)?.end;
  const sha256 = end === undefined ? "not a 64-bit ELF program" : hashFile(theirs, end);
  return `the runtime differs from byte ${offset} on: ${sha256} in the archive, ` +
    `${hashFile(ours, runtimeBytes)} here`;
}

function sectionAt({ sections }: EmbeddedProgram, offset: number): string {
  const at = sections.find((section) => offset < section.offset + section.length);
  return at?.name ?? "end";
}

function comparePrograms(
  theirs: EmbeddedProgram,
  ours: EmbeddedProgram,
  claimed: string | undefined,
): Difference[] {
  const files = new Map(ours.files.map((file) => [file.name, file]));
  const names = new Set(theirs.files.map(({ name }) => name));
  const missing = ours.files.filter(({ name }) => !names.has(name));
  return [
    ...theirs.files.flatMap((file) => compareContents(file, files.get(file.name), claimed)),
    ...compareMetadata(theirs.metadata, ours.metadata),
    ...differencesIn("program", [
      ...theirs.files.flatMap((file) => compareFiles(file, files.get(file.name))),
      ...missing.map(({ name }) => `the program has no file ${name}`),
    ]),
  ];
}

function compareMetadata(
  { permissions: theirRights, ...theirs }: Record<string, unknown>,
  { permissions: ourRights, ...ours }: Record<string, unknown>,
): Difference[] {
  return [
    ...differencesIn(
      "rights",
      compareValues(theirRights, ourRights, "metadata.permissions")
        .map((seen) => `${seen} (an empty list stands for all)`),
    ),
    ...differencesIn("start", compareValues(theirs, ours, "metadata")),
  ];
}

function compareContents(
  { name, bytes }: EmbeddedFile,
  ours: EmbeddedFile | undefined,
  claimed: string | undefined,
): Difference[] {
  if (ours === undefined || Buffer.compare(bytes, ours.bytes) === 0) return [];
  const [there, here] = [hashBytes(bytes), hashBytes(ours.bytes)];
  if (name === HOST_NAME) return [{ part: "host", seen: explainHost(there, here, claimed) }];
  if (name === DESCRIPTION_NAME) {
    return [{ part: "rights", seen: compareDescriptions(bytes, ours) }];
  }
  const seen = `the program's file ${name} differs: ${there} in the archive, ${here} here`;
  return [{ part: "program", seen }];
}

function compareDescriptions(theirs: Uint8Array, ours: EmbeddedFile): string {
  const [a, b] = [theirs, ours.bytes].map((bytes) => new TextDecoder().decode(bytes));
  const excerpt = a!.slice(0, LONGEST_DESCRIPTION);
  return `the binary says of its job ${excerpt.trim()}, but the program itself ${b!.trim()}`;
}

function compareFiles(theirs: EmbeddedFile, ours: EmbeddedFile | undefined): string[] {
  const { name } = theirs;
  if (ours === undefined) return [`the program also has a file ${name}`];
  const differences: string[] = [];
  if ((theirs.transpiled === undefined) !== (ours.transpiled === undefined)) {
    differences.push(`Deno would run other code in place of the program's file ${name}`);
  }
  if (theirs.mtime !== ours.mtime) {
    differences.push(`the program's file ${name} has another time: ${theirs.mtime ?? "none"}`);
  }
  return differences;
}
