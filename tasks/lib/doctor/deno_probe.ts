/**
 * Looks at Deno and the system it runs on.
 *
 * @module
 */

import { join } from "node:path";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";
import type { Probe } from "./examination.ts";

/** Deno, and its version. */
export const denoProbe: Probe = {
  name: "Deno",
  neededFor: "everything; another version may make an archive with other bytes",
  remedy: "install the version that .tool-versions pins",
  required: true,
  // deno-lint-ignore require-await
  async look() {
    const running = Deno.version.deno;
    const pinned = pinnedVersion();
    if (Deno.build.os === "windows") {
      return {
        status: "missing",
        seen: `${running} on Windows, where it can't listen for SIGTERM`,
        remedy: "run the tasks in WSL 2",
      };
    }
    if (running === pinned) return { status: "ok", seen: `${running}, the pinned version` };
    return {
      status: "warning",
      seen: `${running}, but .tool-versions pins ${pinned}`,
      remedy: `deno upgrade --version ${pinned}, or run tasks with npx -y deno@${pinned} task NAME`,
    };
  },
};

function pinnedVersion(): string {
  const [, version] = /^deno +(\S+)/m.exec(
    Deno.readTextFileSync(join(ROOT, ".tool-versions")),
  ) ?? [];
  if (version === undefined) throw new ToolError(".tool-versions names no version of Deno");
  return version;
}
