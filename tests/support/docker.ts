/**
 * Docker, for tests that need the real one.
 *
 * @module
 */

import { queryDocker } from "../../tasks/lib/image/docker.ts";
import { hasProgram } from "./artifacts.ts";

/** Whether Docker is there and answers. */
export const canRunDocker: boolean = hasProgram("docker") &&
  (await queryDocker(["version"])).success;

/** Runs a `docker` command that must succeed, and returns what it printed. */
export async function docker(...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await queryDocker(args);
  if (!success) throw new Error(`docker ${args[0]} failed: ${stderr}`);
  return stdout;
}

/** An image that goes away at the end of the `using` block. */
export class TestImage implements AsyncDisposable {
  /** Its tag, which no other test has. */
  readonly tag: string = `relay-test-${crypto.randomUUID().slice(0, 8)}`;

  /** Removes it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await queryDocker(["image", "rm", "--force", this.tag]);
  }
}
