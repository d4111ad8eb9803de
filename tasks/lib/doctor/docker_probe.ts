/**
 * Looks for Docker.
 *
 * @module
 */

import { hasProgram, runCommand } from "../process/command.ts";
import type { Probe } from "./examination.ts";

/** Docker and its daemon. */
export const dockerProbe: Probe = {
  name: "Docker",
  neededFor: "`build` and `run`; `export` doesn't need it",
  remedy:
    "start its daemon (Linux: `sudo systemctl start docker`), and check that your user may use it",
  async look(signal) {
    if (!hasProgram("docker")) {
      return {
        status: "missing",
        seen: "there is no program `docker`",
        remedy: "install Docker Engine (https://docs.docker.com/engine/install/) or Docker Desktop",
      };
    }
    const format = "{{.Server.Version}}, {{.Server.Os}}/{{.Server.Arch}}";
    const { success, stdout, stderr } = await runCommand({
      program: "docker",
      args: ["version", "--format", format],
      signal,
    });
    if (!success) {
      return {
        status: "missing",
        seen: `its daemon doesn't answer: ${stderr.split("\n").at(-1)}`,
      };
    }
    return stdout.endsWith("/amd64")
      ? { status: "ok", seen: stdout }
      : { status: "warning", seen: `${stdout}; images for linux/amd64 are emulated, and slow` };
  },
};
