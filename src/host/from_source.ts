// The host in development: it runs a job from its source, under the permissions of the binary's host.
// Arguments: the job's module and the folder that places in its code are shown relative to, as URLs.
import { stripVTControlCharacters } from "node:util";
import { ExitCode, messageOf } from "../errors.ts";
import { writeAll } from "../files.ts";
import { printable } from "../printable.ts";
import { sourceEntry } from "../job/isolate_entry.ts";
import { describeJob } from "./describe.ts";
import { runHost } from "./run.ts";

const [module, root] = Deno.args as [string, string];
const entry = sourceEntry(module);
describeJob({ entry, root }).then(
  (description) => runHost({ description, entry, root }),
  (error) => {
    const message = printable(stripVTControlCharacters(messageOf(error)), "\n");
    const line = `error: The job ${module.slice(root.length)} can't be loaded: ${message}\n`;
    writeAll(Deno.stderr, new TextEncoder().encode(line));
    Deno.exit(ExitCode.jobFailed);
  },
);
