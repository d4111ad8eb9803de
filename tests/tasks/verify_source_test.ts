/** `verify --source`: the job's program is made again from the builder's checkout. */

import assert from "node:assert/strict";
import { describeProgram } from "../../tasks/lib/binary/describe_job.ts";
import { BuilderCheckout, HONEST_JOB } from "../support/builder_source.ts";
import { SmallArchive } from "../support/small_archive.ts";

/** An archive and the checkout that it was made in. */
let made: Promise<{ archive: SmallArchive; path: string }> | undefined;

function honestArchive(): Promise<{ archive: SmallArchive; path: string }> {
  return made ??= (async () => {
    using builder = new BuilderCheckout();
    const archive = await SmallArchive.make();
    const program = await describeProgram(new Uint8Array(await builder.program()), "the job");
    return { archive, path: await archive.pack(program) };
  })();
}

Deno.test.afterAll(async () => (await made)?.archive[Symbol.dispose]());

async function verify(builder: BuilderCheckout, args: string[] = []) {
  const { archive, path } = await honestArchive();
  return await archive.verify(path, ["--source", builder.path, ...args]);
}

Deno.test("verify --source proves that the source makes the program, and says what to read", async () => {
  using builder = new BuilderCheckout();
  const { code, stdout, stderr } = await verify(builder);
  assert.equal(code, 0, stdout + stderr);
  assert.match(stdout, /^PROVED: /);
  assert.match(stdout, /^source +makes the same program, byte for byte$/m);
  assert.match(stdout, /^to read +main\.ts$/m);
  assert.match(stdout, /^libraries +none$/m);
  assert.match(stdout, /^not proved +what the program does, .*in\s+the source/m);
});

Deno.test("verify --source shows where the source makes another program, and exits with 1", async () => {
  using builder = new BuilderCheckout({
    "main.ts": HONEST_JOB.replace("count.txt", "rows\u202e.txt"),
  });
  const { code, stdout } = await verify(builder);
  assert.equal(code, 1, stdout);
  assert.match(stdout, /^DIFFERS: its source makes another program: don't approve it\n/);
  assert.match(stdout, /\nDIFFERS: .*\n$/);
  assert.match(stdout, /^-.*"count\.txt"/m);
  assert.match(stdout, /^\+.*"rows\\u202E\.txt"/mi);
  assert.ok(!stdout.includes("\u202e"));
});

Deno.test("verify --source of a source that is refused can't tell, and says what was proved", async () => {
  using builder = new BuilderCheckout({ "main.ts": `import "/etc/hostname.ts";\n${HONEST_JOB}` });
  const { code, stdout } = await verify(builder);
  assert.equal(code, 2, stdout);
  assert.match(stdout, /^CAN'T TELL: /);
  assert.match(stdout, /^why +main\.ts imports "\/etc\/hostname\.ts", which is refused/m);
  assert.match(stdout, /^note +The archive is what this checkout makes/m);
});

Deno.test("verify --source --json has the comparison", async () => {
  using builder = new BuilderCheckout();
  const { stdout } = await verify(builder, ["--json"]);
  const { verdict, source } = JSON.parse(stdout);
  assert.equal(verdict, "proved");
  assert.deepEqual(source, { same: true, files: ["main.ts"], libraries: [], notes: [], diff: [] });
});

Deno.test("verify --entry names another job of the source, and needs --source", async () => {
  using builder = new BuilderCheckout({ "other.ts": HONEST_JOB.replace("count", "other") });
  const { code, stdout } = await verify(builder, ["--entry", "other.ts"]);
  assert.equal(code, 1, stdout);
  const { archive, path } = await honestArchive();
  const { stderr } = await archive.verify(path, ["--entry", "main.ts"]);
  assert.match(stderr, /^error: --entry says which job of --source/m);
});
