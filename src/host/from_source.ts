// The host in development: it runs a job from its source, under the permissions of the binary's host.
// Arguments: the job's module and the checkout's folder, both as URLs.
import { messageOf } from "../errors.ts";
import { sourceEntry } from "../job/isolate_entry.ts";
import { describeJob } from "./describe.ts";
import { runHost } from "./run.ts";

const [module, root] = Deno.args as [string, string];
const entry = sourceEntry(module);
describeJob({ entry, root }).then(
  (description) => runHost({ description, entry, root }),
  (error) => {
    console.error(`error: ${module.slice(root.length)}: ${messageOf(error)}`);
    Deno.exit(3);
  },
);
