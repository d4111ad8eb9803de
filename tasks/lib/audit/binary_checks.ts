/**
 * Checks a job's binary: its machine, its runtime, and what it may do.
 *
 * @module
 */

import { isOnTestRuntime } from "../binary/denort.ts";
import { readElfHeader } from "../binary/elf.ts";
import {
  describePermissions,
  readBakedPermissions,
  samePermissions,
  workerPermissions,
} from "../binary/permissions.ts";
import { hashFile } from "../hash.ts";
import { RUNTIME_LABEL, TEST_RUNTIME_VALUE } from "../image/runtime_label.ts";
import { fail, type Finding, ok, warn } from "./checks.ts";

/** What the checks of a binary found. */
export interface BinaryChecks {
  /** The checks, with their names. */
  findings: [string, Finding][];
  /** Whether its runtime is that of `deno task denort`; `undefined` if it is no program. */
  onTestRuntime?: boolean;
}

/** Checks a job's binary. */
export function checkBinary(binary: string, labels: Record<string, string>): BinaryChecks {
  const { size } = Deno.statSync(binary);
  const elf = readElfHeader(binary);
  if (elf === undefined) {
    return { findings: [["binary", fail(`${size} bytes, not a 64-bit ELF program`)]] };
  }
  const seen = `ELF ${elf.machine}, ${size} bytes, SHA-256 ${hashFile(binary)}`;
  const onTestRuntime = isOnTestRuntime(binary, elf.end);
  const labelled = labels[RUNTIME_LABEL] === TEST_RUNTIME_VALUE;
  return {
    onTestRuntime,
    findings: [
      ["binary", elf.machine === "x86_64" ? ok(seen) : fail(`${seen}; expected x86_64`)],
      ["runtime", checkRuntime(onTestRuntime, labelled, hashFile(binary, elf.end))],
      ["permissions", checkPermissions(binary, elf.end)],
    ],
  };
}

function checkPermissions(binary: string, elfEnd: number): Finding {
  const permissions = readBakedPermissions(binary, elfEnd);
  if (permissions === undefined) {
    return fail("the program doesn't say; Deno 2.6 didn't compile it");
  }
  const expected = workerPermissions();
  const described = describePermissions(permissions);
  return samePermissions(permissions, expected)
    ? ok(described)
    : fail(`${described}, but expected ${describePermissions(expected)}`);
}

function checkRuntime(onTestRuntime: boolean, labelled: boolean, sha256: string): Finding {
  const label = `${RUNTIME_LABEL}=${TEST_RUNTIME_VALUE}`;
  if (onTestRuntime) {
    const seen = "the runtime of `deno task denort`, not known to be Deno's own";
    return labelled ? warn(`${seen} (labelled ${label})`) : warn(`${seen}, and no label says so`);
  }
  if (labelled) return fail(`labelled ${label}, but it is another one (SHA-256 ${sha256})`);
  return ok(`SHA-256 ${sha256}; only making the archive again shows whether it is yours`);
}
