/** What a hostile program can do while it is asked what it is. */

import assert from "node:assert/strict";
import { describeProgram, NoJobError } from "../../../../tasks/lib/binary/describe_job.ts";

/** A program that does something first, and then describes itself with a name that it computes. */
async function nameFrom(expression: string, before = ""): Promise<string> {
  const { job } = await describeProgram(
    new TextEncoder().encode(`${before}
      const name = await (async () => ${expression})().catch((error) => error.message);
      self.onmessage = () => self.postMessage({
        type: "described",
        description: { name: String(name).replaceAll(/\\s+/g, " ").slice(0, 100) },
      });`),
    "The program",
  );
  return job.name;
}

const IMPORTS = [
  ["npm:", /--no-npm/],
  ["https://raw.githubusercontent.com/stranger/collected/main/", /--no-remote|import access/],
  ["https://esm.sh/", /--no-remote|import access/],
  ["jsr:@stranger/", /--no-remote|import access/],
] as const;

for (const [place, refusal] of IMPORTS) {
  Deno.test(`a program that is asked what it is can't send words away by an import from ${place}`, async () => {
    // Computed, so it isn't known before the program runs.
    const name = `import("${place}" + ["what", "it", "knows"].join("-"))`;
    assert.match(await nameFrom(name), refusal);
  });

  Deno.test(`a program that is asked what it is gets no module from ${place}`, async () => {
    await assert.rejects(
      nameFrom("1", `import ${JSON.stringify(`${place}module`)};`),
      (error) => error instanceof NoJobError && refusal.test(error.message),
    );
  });
}

Deno.test("a program that is asked what it is reads no module of this machine", async () => {
  const { pathname } = new URL("../../../../import_map.json", import.meta.url);
  const url = JSON.stringify(`file://${pathname}`);
  const refusal = /Requires read access/;
  assert.match(await nameFrom(`import(${url}, { with: { type: "json" } })`), refusal);
  const before = `import map from ${url} with { type: "json" };`;
  await assert.rejects(nameFrom("1", before), refusal);
});

for (const answer of ["{", "null", "1", "[]", '{"error":{}}', '{"description":null}']) {
  Deno.test(`a program that answers in the place of who asks is at fault: ${answer}`, async () => {
    const line = JSON.stringify(`\n\0${answer}\n`);
    const program = new TextEncoder().encode(
      `console.log(${line}.replace("\\0", Deno.args[1]));\nthrow new Error("enough");`,
    );
    await assert.rejects(describeProgram(program, "The program"), NoJobError);
  });
}
