/** What a job's author is told of a mistake in the source. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Mounts } from "../support/mounts.ts";
import { type Outcome, runTask, spawnTask } from "../support/run.ts";

/** With this variable Deno adds its own stack to its errors. */
const RUST_BACKTRACE = "1";

/** A job's source around the body of its `process`. */
function jobWith(body: string): string {
  const sdk = join(Deno.cwd(), "mod.ts");
  return `import { defineJob } from "${sdk}";
export default defineJob({
  name: "mistaken",
  async process({ artifacts }) {
    ${body}
  },
});
`;
}

const SYNTAX_ERROR = jobWith("const x = ;");

async function runJob(task: string, source: string): Promise<Outcome & { wrote: string[] }> {
  using mounts = new Mounts();
  const entry = join(mounts.root, "job.ts");
  Deno.writeTextFileSync(entry, source);
  const env = { ...mounts.env, RUST_BACKTRACE, INIT_CWD: mounts.root };
  const args = task === "dev" ? [] : ["--output", join(mounts.root, "made")];
  const outcome = await runTask(task, ["--entry", entry, ...args], env);
  return { ...outcome, wrote: mounts.outputNames() };
}

Deno.test("dev names file, line and column of a type error, and exits with 1", async () => {
  const { code, stderr } = await runJob("dev", jobWith('await artifacts.writeCSV("a.csv", []);'));
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: job\.ts doesn't pass the type check:\n\nTS2551[^\n]*'writeCSV'[^]*at job\.ts:5:21\n/m,
  );
});

Deno.test("dev shows what a job wrote although its types are wrong", async () => {
  const { code, stdout, wrote } = await runJob(
    "dev",
    jobWith('const n: number = "x"; await artifacts.writeText("a.txt", String(n));'),
  );
  assert.equal(code, 1);
  assert.deepEqual(wrote, ["a.txt"]);
  assert.match(stdout, /written by this run:\n {2}a\.txt/);
});

for (const task of ["dev", "compile", "export"]) {
  Deno.test(`${task} shows a syntax error once, without Deno's own stack`, async () => {
    const { code, stderr } = await runJob(task, SYNTAX_ERROR);
    assert.equal(code, 1);
    assert.match(stderr, /^error: (?:.*\n\n)?job\.ts:5:15: Expression expected\n/m);
    assert.equal(stderr.match(/Expression expected/g)?.length, 1);
    assert.doesNotMatch(stderr, /Stack backtrace|<unknown>|in worker|Type checking failed/);
  });
}

Deno.test("dev names the place of an import that leads nowhere", async () => {
  const { code, stderr } = await runJob("dev", `import "./nowhere.ts";\n${jobWith("")}`);
  assert.equal(code, 1);
  assert.match(stderr, /^error: job\.ts:1:8: Module not found "nowhere\.ts"/);
});

for (
  const [specifier, expected] of [
    ["npm:papaparse@5.5.3", "deno.lock has no npm:papaparse@5.5.3, which the job imports"],
    ["papaparse", 'import_map.json has no library "papaparse"'],
    ["papaparse/esm", 'import_map.json has no library "papaparse"'],
  ] as const
) {
  for (const task of ["dev", "compile"]) {
    Deno.test(`${task} says how to add the library of ${specifier}`, async () => {
      const { code, stderr } = await runJob(task, `import "${specifier}";\n${jobWith("")}`);
      assert.equal(code, 1);
      assert.ok(stderr.includes(expected), stderr);
      assert.match(stderr, /`deno task add npm:papaparse(@5\.5\.3)?`/);
      assert.doesNotMatch(stderr, /deno (install|add)\b|hint/);
    });
  }
}

Deno.test("dev says once that a job throws while it loads, and where", async () => {
  const { code, stderr } = await runJob("dev", `${jobWith("")}throw new Error("boom");\n`);
  assert.equal(code, 3);
  assert.equal(stderr, "error: The job job.ts can't be loaded: boom (at job.ts:8:7)\n");
});

Deno.test("dev --watch waits for a change after an error, and runs the job then", async () => {
  using mounts = new Mounts();
  const entry = join(mounts.root, "job.ts");
  Deno.writeTextFileSync(entry, SYNTAX_ERROR);
  const watching = spawnTask("dev", ["--watch", "--entry", entry], mounts.env);
  const reader = watching.stderr.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let shown = "";
    while (!shown.includes("Waiting for a change")) shown += (await reader.read()).value ?? "";
    assert.match(shown, /Expression expected/);
    Deno.writeTextFileSync(entry, jobWith('await artifacts.writeText("a.txt", "");'));
    for (let tries = 0; tries < 300 && !mounts.outputNames().includes("a.txt"); tries++) {
      await new Promise((done) => setTimeout(done, 50));
    }
    assert.ok(mounts.outputNames().includes("a.txt"));
  } finally {
    watching.kill("SIGTERM");
    await reader.cancel();
    await watching.stdout.cancel();
    await watching.status;
  }
});
