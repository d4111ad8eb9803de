// The process that loads a job's program to learn what it is. Arguments: the program's URL, and the mark
// that begins the answer's line.
import { messageOf } from "../../../src/errors.ts";
import { describeJob } from "../../../src/host/describe.ts";

const [program, mark] = Deno.args as [string, string];

function answer(value: unknown): never {
  const line = new TextEncoder().encode(`\n${mark}${JSON.stringify(value)}\n`);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
  Deno.exit(0);
}

describeJob({ entry: new URL(program), root: new URL(".", program).href }).then(
  (description) => answer({ description }),
  (error) => answer({ error: messageOf(error) }),
);
