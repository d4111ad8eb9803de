// The process that loads a job's program to learn what it is. Arguments: the program's URL, and the mark
// that begins the answer's line.
import { messageOf } from "../../../src/errors.ts";
import { writeAll } from "../../../src/files.ts";
import { describeJob } from "../../../src/host/describe.ts";

const [program, mark] = Deno.args as [string, string];

/** Longer than the parent waits: it only counts if the parent is gone, and the program goes on. */
const LONGEST_MS = 60_000;
Deno.unrefTimer(setTimeout(() => Deno.exit(1), LONGEST_MS));

function answer(value: unknown): never {
  const line = new TextEncoder().encode(`\n${mark}${JSON.stringify(value)}\n`);
  writeAll(Deno.stdout, line);
  Deno.exit(0);
}

describeJob({ entry: new URL(program), root: new URL(".", program).href }).then(
  (description) => answer({ description }),
  (error) => answer({ error: messageOf(error) }),
);
