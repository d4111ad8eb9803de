/**
 * Records the host of this checkout's version.
 *
 * @module
 */

import { hashHost } from "../binary/host_program.ts";
import { runCommand } from "../process/command.ts";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";
import { readReleases, type Release, thisVersion, writeReleases } from "./releases.ts";

/** What was recorded. */
export interface RecordedHost extends Release {
  /** The version. */
  version: string;
  /** Whether the record is new or another one than before. */
  changed: boolean;
}

/**
 * Records the host of the version in deno.json. The record of a version that has no tag yet may change; that
 * of a tagged one may not.
 *
 * @throws {ToolError} The version is tagged, and its record is another one; or git can't list the tags.
 */
export async function recordHost(): Promise<RecordedHost> {
  const version = thisVersion();
  const releases = readReleases();
  const release = { deno: Deno.version.deno, host: await hashHost() };
  const recorded = releases[version];
  if (recorded?.host === release.host && recorded.deno === release.deno) {
    return { version, ...release, changed: false };
  }
  const tag = `v${version}`;
  if (await isTagged(tag)) {
    throw new ToolError(
      `The host has the SHA-256 ${release.host}, but that of version ${version}, which is tagged as ` +
        `${tag}, is ${
          recorded?.host ?? "not recorded"
        }. Raise "version" in deno.json, and run this again`,
    );
  }
  const { [version]: _, ...others } = releases;
  writeReleases({ [version]: release, ...others });
  return { version, ...release, changed: true };
}

async function isTagged(tag: string): Promise<boolean> {
  const { success, stdout, stderr } = await runCommand({
    program: "git",
    args: ["tag", "--list", tag],
    cwd: ROOT,
    install: "It is needed to see which versions are tagged",
  });
  if (success) return stdout !== "";
  throw new ToolError(`git can't list the tags of this checkout: ${stderr}`);
}
