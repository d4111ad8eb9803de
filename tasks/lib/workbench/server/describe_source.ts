// The process that loads a job from its source to learn what it is. Arguments: the job's module and the
// checkout's folder, both as URLs, and the mark that begins the answer's line.

import { writeAll } from "../../../../src/files.ts";
import { messageOf } from "../../../../src/errors.ts";
import { describeJob } from "../../../../src/host/describe.ts";
import { sourceEntry } from "../../../../src/job/isolate_entry.ts";

const [module, root, mark] = Deno.args as [string, string, string];

function answer(value: unknown): never {
  writeAll(Deno.stdout, new TextEncoder().encode(`\n${mark}${JSON.stringify(value)}\n`));
  Deno.exit(0);
}

describeJob({ entry: sourceEntry(module), root }).then(
  (description) => answer({ description }),
  (error) => answer({ error: messageOf(error) }),
);
