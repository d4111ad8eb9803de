/**
 * Looks at the job of this checkout, and where it reads and writes.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { isFile } from "../../../src/files.ts";
import { MAIN } from "../project.ts";
import { readModules } from "../source/modules.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { Probe } from "./examination.ts";

/** The job, and the libraries it imports. */
export const jobProbe: Probe = {
  name: "main.ts",
  neededFor: "everything: it is the job",
  remedy: "correct it; `deno task dev` shows the errors again",
  required: true,
  async look() {
    if (!isFile(MAIN)) return { status: "missing", seen: "there is no main.ts" };
    const { files, errors } = await readModules(MAIN);
    if (errors.length > 0) return { status: "missing", seen: errors.join("\n") };
    return { status: "ok", seen: `it loads, with ${files.length - 1} modules of this checkout` };
  },
};

/** The folder for temporary files. */
export const temporaryFolderProbe: Probe = {
  name: "temporary folder",
  neededFor: "most tasks",
  remedy: "set TMPDIR to a folder that exists and is writable",
  required: true,
  // deno-lint-ignore require-await
  async look() {
    using _ = new TemporaryFolder({ prefix: "doctor-", endOnSignal: false });
    return { status: "ok", seen: tmpdir() };
  },
};
