/**
 * Runs Docker's command line.
 *
 * @module
 */

import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";

const INSTALL = "Install Docker Engine (https://docs.docker.com/engine/install/) or Docker " +
  "Desktop. To make the archive without Docker, run `deno task export`";

/** The tag that `build` gives and `run` starts. */
export const DEFAULT_TAG = "my-compute-job";

/**
 * Makes sure that Docker is there and answers.
 *
 * @throws {ToolError} It isn't installed, or its daemon doesn't answer.
 */
export async function requireDocker(): Promise<void> {
  const { success, stderr } = await queryDocker(["version", "--format", "{{.Server.Version}}"]);
  if (success) return;
  throw new ToolError(
    `Docker is installed, but its daemon doesn't answer:\n\n  ${stderr}\n\nStart it (Linux: ` +
      "`sudo systemctl start docker`), and see that you may use it. To make the archive without " +
      "Docker, run `deno task export`",
  );
}

/** What a `docker` command said. */
export interface DockerOutcome {
  /** Whether it exited with 0. */
  success: boolean;
  /** What it printed, trimmed. */
  stdout: string;
  /** What it complained of, trimmed. */
  stderr: string;
}

/**
 * Runs a `docker` command and collects what it says.
 *
 * @throws {ToolError} Docker isn't installed.
 */
export async function queryDocker(args: readonly string[]): Promise<DockerOutcome> {
  const { success, stdout, stderr } = await spawn(args, "piped").output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { success, stdout: text(stdout), stderr: text(stderr) };
}

/**
 * Starts a `docker` command that talks to the user itself.
 *
 * @throws {ToolError} Docker isn't installed.
 */
export function spawnDocker(args: readonly string[]): Deno.ChildProcess {
  return spawn(args, "inherit");
}

/**
 * The image of a base. One in a file is loaded first: Docker builds on images only.
 *
 * @param base An image, or an image's tar.
 * @throws {ToolError} It is a file that Docker can't load.
 */
export async function loadBase(base: string): Promise<string> {
  if (!isFile(base)) return base;
  const { success, stdout, stderr } = await queryDocker(["load", "--quiet", `--input=${base}`]);
  const [, image] = /^Loaded image(?: ID)?: (.+)$/m.exec(stdout) ?? [];
  if (success && image !== undefined) return image;
  throw new ToolError(`Docker can't load the base ${base}:\n\n  ${stderr || stdout}`);
}

function spawn(args: readonly string[], output: "piped" | "inherit"): Deno.ChildProcess {
  try {
    return new Deno.Command("docker", {
      args: [...args],
      stdin: "null",
      stdout: output,
      stderr: output,
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ToolError(`Docker isn't installed: there is no command "docker". ${INSTALL}`);
  }
}
