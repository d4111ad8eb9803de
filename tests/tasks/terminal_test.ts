/** What a person sees on a terminal, through a pseudo-terminal that `script` makes. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DENO_PROJECT_ARGS, ROOT } from "../../tasks/lib/project.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { hasProgram } from "../support/artifacts.ts";
import { makeDatabase, Mounts } from "../support/mounts.ts";

const ignore = !hasProgram("script");

/** Runs `deno` on a terminal of 60 columns and returns what it showed. */
async function onTerminal(args: string[], env: Record<string, string>): Promise<string> {
  const line = [Deno.execPath(), ...args].map((arg) => `'${arg}'`).join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["-qec", `stty cols 60 rows 20; ${line}`, "/dev/null"],
    env: { ...env, TERM: "xterm" },
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/**
 * Runs a program on a terminal, and types on it.
 *
 * @param answers What is typed once the program has shown a text: pairs of that text and the keys.
 */
async function typeOnTerminal(
  program: string,
  answers: (readonly [string, string])[],
  env: Record<string, string> = {},
): Promise<string> {
  using folder = new TemporaryFolder({ prefix: "terminal-test-" });
  const file = folder.join("program.ts");
  Deno.writeTextFileSync(file, program);
  const line = [Deno.execPath(), "run", "-A", ...DENO_PROJECT_ARGS, file].join("' '");
  const child = new Deno.Command("script", {
    args: ["-qec", `stty cols 60 rows 20; '${line}'`, "/dev/null"],
    env: { ...env, TERM: "xterm" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let shown = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    shown += text;
    while (answers.length > 0 && shown.includes(answers[0]![0])) {
      await writer.write(new TextEncoder().encode(answers.shift()![1]));
    }
  }
  await writer.close().catch(() => {});
  await child.status;
  return shown;
}

const room = (name: string) => pathToFileURL(join(ROOT, "tasks/lib", name));

const dev = ["run", "-A", ...DENO_PROJECT_ARGS, "tasks/dev.ts"];

// deno-lint-ignore no-control-regex
const withoutCodes = (text: string) => text.replaceAll(/\x1b\[[\d;]*[A-Za-z]/g, "");

Deno.test({
  name: "on a terminal, dev shows a table in a box that fits it",
  ignore,
  async fn() {
    using mounts = new Mounts();
    makeDatabase(
      mounts.inputDatabase,
      `CREATE TABLE results(id, note, more);
       INSERT INTO results VALUES (1, printf('%.300c', 'x'), printf('%.300c', '宏'));`,
    );
    const shown = withoutCodes(await onTerminal(dev, { ...mounts.env, NO_COLOR: "" }));
    const rows = shown.split(/\r?\n/).filter((line) => /[│─]/.test(line));
    assert.ok(rows.length >= 4, shown);
    for (const row of rows) assert.ok(row.length <= 60, row);
  },
});

Deno.test({
  name: "on a terminal, NO_COLOR means no colour and no frames",
  ignore,
  async fn() {
    using mounts = new Mounts();
    const shown = await onTerminal(dev, { ...mounts.env, NO_COLOR: "1" });
    const table = shown.slice(shown.indexOf("In /"));
    assert.match(table, /u-001 +pt-BR/);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(table, /[\x1b│─]/);
  },
});

const ASK = `import { ask } from "${room("screen/confirm.ts")}";
  console.error("working");
  await new Promise((done) => setTimeout(done, 1000));
  console.error("said " + await ask("Send it?", "yes"));
  Deno.exit();`;

for (
  const [early, late, agreed] of [
    ["", "yes\r", true],
    ["", "y\r", false],
    ["", "\r", false],
    ["", "\x03", false],
    ["", "\x04", false],
    ["yes\r", "\r", false],
    ["ye", "s\r", false],
    ["no\r", "yes\r", true],
  ] as const
) {
  Deno.test({
    name: `a question that needs yes, after ${JSON.stringify(early)}, answered ${
      JSON.stringify(late)
    }`,
    ignore,
    async fn() {
      const shown = await typeOnTerminal(ASK, [["working", early], ["Type yes to go on: ", late]]);
      assert.ok(shown.includes(`said ${agreed}`), shown);
    },
  });
}

Deno.test({
  name: "with NO_COLOR, a question has no colour and no frame",
  ignore,
  async fn() {
    const answers: [string, string][] = [["Type yes to go on: ", "yes\r"]];
    const shown = await typeOnTerminal(ASK, answers, { NO_COLOR: "1" });
    assert.match(shown, /said true/);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown, /\x1b\[[\d;]*m|[│◆◇└┌]/);
  },
});

for (const NO_COLOR of ["", "1"]) {
  Deno.test({
    name: `a progress bar with NO_COLOR=${NO_COLOR} is ${NO_COLOR === "" ? "drawn" : "not"}`,
    ignore,
    async fn() {
      const shown = await typeOnTerminal(
        `import { ProgressBar } from "${room("screen/progress_bar.ts")}";
         {
           using bar = new ProgressBar("Copying");
           await new Promise((done) => setTimeout(done, 1100));
           for (let done = 0; done <= 10; done++) bar.update(done, 10);
           await new Promise((done) => setTimeout(done, 300));
         }
         console.error("end");
         Deno.exit();`,
        [],
        { NO_COLOR },
      );
      // deno-lint-ignore no-control-regex
      assert.equal(/\x1b\[\d*m|[│■━]/.test(shown), NO_COLOR === "", shown);
      assert.match(shown, /end/);
    },
  });
}
