/** A program is made again from its builder's source. */

import assert from "node:assert/strict";
import { BuilderCheckout, HONEST_JOB } from "../../../support/builder_source.ts";

Deno.test("a builder's source makes the same program", async () => {
  using builder = new BuilderCheckout();
  const { same, files, libraries, diff } = await builder.compare(await builder.program());
  assert.deepEqual({ same, files, libraries, diff }, {
    same: true,
    files: ["main.ts"],
    libraries: [],
    diff: [],
  });
});

Deno.test("modules, JSON, names of the import map and libraries are part of the source", async () => {
  using builder = new BuilderCheckout({
    "main.ts": `import Table from "cli-table3";
      import { parse } from "csv-parse/sync";
      import regex from "npm:ansi-regex@5.0.1";
      import { add } from "$lib/add.ts";
      import data from "./data/a.json" with { type: "json" };
      import own from "own";
      import type { Nothing } from "./nothing.ts";
      import { defineJob } from "./mod.ts";
      export default defineJob({
        name: "parts",
        process: () => { add(new Table(), parse, regex, data, own); },
      });`,
    "lib/add.ts": 'export { add } from "../src/own/add.ts";',
    "src/own/add.ts": "export const add = (...all: unknown[]) => all.length;",
    "own.js": "export default 1;",
    "data/a.json": '{ "a": 1 }',
  });
  builder.change<{ imports: Record<string, string> }>("import_map.json", ({ imports }) => {
    imports["$lib/"] = "./lib/";
    imports.own = "./own.js";
    imports.unused = "npm:left-pad@1.3.0";
  });
  builder.change<{ specifiers: Record<string, string> }>("deno.lock", ({ specifiers }) => {
    specifiers["npm:ansi-regex@5.0.1"] = "5.0.1";
  });
  const { same, files, libraries } = await builder.compare(await builder.program());
  assert.ok(same);
  assert.deepEqual(files, ["data/a.json", "lib/add.ts", "main.ts", "own.js", "src/own/add.ts"]);
  assert.ok(libraries.includes("cli-table3@0.6.5") && libraries.includes("csv-parse@7.0.3"));
});

Deno.test("the entry may be another module of the source", async () => {
  using builder = new BuilderCheckout({
    "jobs/count/job.ts": HONEST_JOB.replace("./mod.ts", "../../mod.ts"),
  });
  const entry = "jobs/count/job.ts";
  const program = await builder.program(entry);
  assert.ok((await builder.compare(program, entry)).same);
  assert.ok((await builder.compare(program, `./${entry}`)).same);
  for (const outside of ["../main.ts", "/etc/hostname.ts", "jobs/../../main.ts"]) {
    await assert.rejects(builder.compare(program, outside), /isn't a path inside the folder/);
  }
});

Deno.test("a source that looks like another one to its reader is the same, but noted", async () => {
  using builder = new BuilderCheckout({
    "main.ts": HONEST_JOB.replace("async process", "/* \u202e */ async process"),
    "unused.ts": "// \u202e",
  });
  const { same, notes } = await builder.compare(await builder.program());
  assert.ok(same);
  assert.equal(notes.length, 1);
  assert.match(notes[0]!, /^main\.ts has invisible or reordering characters on 1 line/);
});

Deno.test("another source is shown as a diff, printably", async () => {
  using builder = new BuilderCheckout();
  const program = new TextDecoder().decode(await builder.program())
    .replace("count.txt", "\u001b[2J\u202erows.txt");
  const { same, diff } = await builder.compare(new TextEncoder().encode(program));
  assert.equal(same, false);
  assert.ok(diff.includes('+    await artifacts.writeText("count.txt", String(results.count()));'));
  assert.ok(
    diff.some((line) => /^- .*"\\u\{1b\}\[2J\\u\{202e\}rows\.txt"/.test(line)),
    diff.join("\n"),
  );
});

Deno.test("a source that differs in comments alone isn't the same, and the message says so", async () => {
  using builder = new BuilderCheckout();
  const program = await builder.program();
  builder.write({ "main.ts": `// A comment.\n${HONEST_JOB}` });
  const { same, diff } = await builder.compare(program);
  assert.equal(same, false);
  assert.match(diff.join(), /the same code/);
});

Deno.test("a diff that no person reads is cut", async () => {
  using builder = new BuilderCheckout();
  const program = await builder.program();
  const lines = Array.from({ length: 1000 }, (_, at) => `console.log(${at});`);
  builder.write({ "main.ts": `${lines.join("\n")}\n${HONEST_JOB}` });
  const { diff } = await builder.compare(program);
  assert.equal(diff.length, 201);
  assert.match(diff.at(-1)!, /more lines/);
});

Deno.test("the SDK is the auditor's own, whatever the source's SDK does", async () => {
  using builder = new BuilderCheckout();
  const honest = await builder.program();
  const path = "src/results/results.ts";
  builder.write({ [path]: `${Deno.readTextFileSync(builder.join(path))}\nconsole.log("evil");\n` });
  assert.equal((await builder.compare(await builder.program())).same, false);
  assert.ok((await builder.compare(honest)).same);
});

Deno.test("a source's import map defines no library of the SDK's, although its lock file lacks it", async () => {
  using builder = new BuilderCheckout({
    "main.ts": HONEST_JOB.replace(
      "export",
      'import "./mine.ts";\nimport "./query_engine.ts";\nexport',
    ),
    "mine.ts": 'console.log("mine");',
  });
  builder.change<{ imports: Record<string, string> }>("import_map.json", ({ imports }) => {
    imports.valibot = "./mine.ts";
  });
  builder.change<{ specifiers: Record<string, string> }>("deno.lock", ({ specifiers }) => {
    delete specifiers["npm:valibot@1.5.0"];
  });
  await assert.rejects(builder.compare(new Uint8Array()), /refused\/valibot/);
});

Deno.test("the settings are the auditor's own", async () => {
  using builder = new BuilderCheckout();
  const honest = await builder.program();
  builder.change<Record<string, unknown>>("deno.json", (config) => {
    Object.assign(config, {
      compilerOptions: { jsx: "react-jsx", jsxImportSource: "https://example.com/jsx" },
      nodeModulesDir: "auto",
      links: ["../other"],
      patch: ["../other"],
      workspace: ["./member"],
      vendor: true,
      preload: ["./evil.ts"],
      lint: { plugins: ["./evil.ts"] },
      unstable: ["raw-imports"],
      tasks: { verify: "touch ran" },
    });
  });
  builder.write({ "evil.ts": "Deno.writeTextFileSync('ran', '');" });
  assert.ok((await builder.compare(honest)).same);
});

Deno.test("a stock relay's source is the stock relay", async () => {
  using builder = new BuilderCheckout({
    "main.ts": '// The relay.\nimport { relay } from "./mod.ts";\n\nexport default relay;\n',
  });
  assert.ok((await builder.compare(undefined)).same);
  builder.write({
    "main.ts": 'import { relay } from "./mod.ts";\nrelay;\nconsole.log(1);\nexport default relay;',
  });
  const { same, diff } = await builder.compare(undefined);
  assert.equal(same, false);
  assert.ok(diff.includes("+console.log(1);"), diff.join("\n"));
});
