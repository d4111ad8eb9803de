/**
 * Lets a program end with this process.
 *
 * @module
 */

import { killChild, startCommand } from "../process/command.ts";

/**
 * Stops a child process by SIGTERM when this process ends, even if it is killed. On Windows the child is left.
 *
 * @returns Resolves once the child has ended.
 */
export async function endTogether(child: Deno.ChildProcess): Promise<void> {
  if (Deno.build.os === "windows") return void await child.status;
  // When a process ends, the system closes its pipes: that ends the read.
  const watcher = startCommand({
    program: "/bin/sh",
    args: ["-c", `read -r _; kill ${child.pid}`],
    stdin: "piped",
  }, "null");
  await child.status;
  killChild(watcher, "SIGKILL");
  await watcher.status;
  await watcher.stdin.close();
}
