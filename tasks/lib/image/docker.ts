/**
 * Runs Docker's command line.
 *
 * @module
 */

import { isFile } from "../../../src/files.ts";
import { type CommandOutcome, runCommand, startCommand } from "../process/command.ts";
import { ToolError } from "../errors.ts";

const INSTALL = "Install Docker Engine (https://docs.docker.com/engine/install/) or Docker " +
  "Desktop. To make the archive without Docker, run `deno task export`";

/**
 * Makes sure that Docker is installed and its daemon answers.
 *
 * @throws {ToolError} It isn't installed, or its daemon doesn't answer.
 */
export async function requireDocker(): Promise<void> {
  const { success, stderr } = await queryDocker(["version", "--format", "{{.Server.Version}}"]);
  if (success) return;
  throw new ToolError(
    `Docker is installed, but its daemon doesn't answer:\n\n  ${stderr}\n\nStart it (Linux: ` +
      "`sudo systemctl start docker`), and check that your user may use it. To make the archive without " +
      "Docker, run `deno task export`",
  );
}

/** Whether Docker is installed and its daemon answers. */
export async function hasDocker(): Promise<boolean> {
  try {
    await requireDocker();
    return true;
  } catch (error) {
    if (error instanceof ToolError) return false;
    throw error;
  }
}

/**
 * Runs a `docker` command and collects what it prints.
 *
 * @throws {ToolError} Docker isn't installed.
 */
export async function queryDocker(args: readonly string[]): Promise<CommandOutcome> {
  return await runCommand({ program: "docker", args, install: INSTALL });
}

/**
 * Starts a `docker` command whose output goes to the user.
 *
 * @throws {ToolError} Docker isn't installed.
 */
export function spawnDocker(args: readonly string[]): Deno.ChildProcess {
  return startCommand({ program: "docker", args, install: INSTALL }, "inherit");
}

/**
 * The image of a base. A base in a file is loaded first, because Docker builds on images only.
 *
 * @param base An image's name, or a file that holds an image.
 * @throws {ToolError} Docker can't load the file.
 */
export async function loadBase(base: string): Promise<string> {
  if (!isFile(base)) return base;
  const { success, stdout, stderr } = await queryDocker(["load", "--quiet", `--input=${base}`]);
  const [, image] = /^Loaded image(?: ID)?: (.+)$/m.exec(stdout) ?? [];
  if (success && image !== undefined) return image;
  throw new ToolError(`Docker can't load the base ${base}:\n\n  ${stderr || stdout}`);
}
