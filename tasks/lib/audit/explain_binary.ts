/**
 * Explains where two binaries differ: in the runtime, in how the program is run, or in its files.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { EmbeddedFile } from "../binary/embedded_files.ts";
import { type EmbeddedProgram, readEmbeddedProgram } from "../binary/embedded_program.ts";
import { readElfHeader } from "../binary/elf.ts";
import { HOST_NAME } from "../binary/host_program.ts";
import { ToolError } from "../errors.ts";
import { hashBytes, hashFile } from "../hash.ts";
import { explainHost } from "./explain_host.ts";
import { compareValues } from "./explain_json.ts";
import { firstFileDifference } from "./first_difference.ts";

/**
 * Compares the binaries of two archives.
 *
 * @param ours The one that was made again.
 * @param claimed The version of Result Relay in the other one's label.
 * @returns Where they differ, one sentence each; none if they are the same.
 * @throws {ToolError} Ours isn't a compiled program.
 */
export async function explainBinary(
  theirs: string,
  ours: string,
  claimed: string | undefined,
): Promise<string[]> {
  const offset = await firstFileDifference(theirs, ours);
  if (offset === undefined) return [];
  const here = readEmbeddedProgram(ours);
  const differences = offset < here.runtimeBytes
    ? [describeRuntimes(theirs, ours, offset, here.runtimeBytes)]
    : [];
  try {
    differences.push(...comparePrograms(readEmbeddedProgram(theirs), here, claimed));
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    differences.push(error.message);
  }
  return differences.length > 0
    ? differences
    : [`the binary differs at byte ${offset}, in its payload's ${sectionAt(here, offset)}`];
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
): string[] {
  const files = new Map(ours.files.map((file) => [file.name, file]));
  const names = new Set(theirs.files.map(({ name }) => name));
  const compared = theirs.files.flatMap((file) =>
    compareFiles(file, files.get(file.name), claimed)
  );
  return [
    ...compareValues(theirs.metadata, ours.metadata, "metadata"),
    ...compared,
    ...ours.files.filter(({ name }) => !names.has(name)).map(({ name }) =>
      `the program has no file ${name}`
    ),
  ];
}

function compareFiles(
  theirs: EmbeddedFile,
  ours: EmbeddedFile | undefined,
  claimed: string | undefined,
): string[] {
  const { name } = theirs;
  if (ours === undefined) return [`the program also has a file ${name}`];
  const differences: string[] = [];
  if (Buffer.compare(theirs.bytes, ours.bytes) !== 0) {
    const [there, here] = [hashBytes(theirs.bytes), hashBytes(ours.bytes)];
    differences.push(
      name === HOST_NAME
        ? explainHost(there, here, claimed)
        : `the program's file ${name} differs: ${there} in the archive, ${here} here`,
    );
  }
  if ((theirs.transpiled === undefined) !== (ours.transpiled === undefined)) {
    differences.push(`Deno would run other code in place of the program's file ${name}`);
  }
  if (theirs.mtime !== ours.mtime) {
    differences.push(`the program's file ${name} has another time: ${theirs.mtime ?? "none"}`);
  }
  return differences;
}
