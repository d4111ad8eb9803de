/** What all tasks do alike. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Mounts } from "../support/mounts.ts";
import { runTask } from "../support/run.ts";

/** Tasks that make a temporary folder. */
const TEMPORARY = {
  soak: [],
  engine: ["--port", "0"],
  compile: ["--output", "/nowhere"],
  release: [],
  add: ["npm:valibot"],
};

for (const [name, args] of Object.entries(TEMPORARY)) {
  Deno.test(`${name} names a temporary folder that can't be made, and TMPDIR`, async () => {
    const { code, stderr } = await runTask(name, args, { TMPDIR: "/nowhere/at/all" });
    assert.equal(code, 1);
    assert.match(
      stderr,
      /error: Can't make a folder in \/nowhere\/at\/all.*Set TMPDIR to a folder/,
    );
  });
}

Deno.test("an error shows no terminal codes of a file's name", async () => {
  const { code, stderr } = await runTask("seed", ["--from", "no\x1b[31m\u202Esuch.sql"]);
  assert.equal(code, 1);
  assert.match(stderr, /no\\u\{1b\}\[31m\\u\{202e\}such\.sql doesn't exist/);
});

Deno.test("a full disk is an error that names TMPDIR", async () => {
  using mounts = new Mounts();
  const link = join(mounts.root, "full.md");
  Deno.symlinkSync("/dev/full", link);
  const { code, stderr } = await runTask("bench", ["--only", "rows", "--output", link], {
    PATH: "/nowhere",
  });
  assert.equal(code, 1);
  assert.match(stderr, /error: Can't write .*full\.md: No space left.*\n\nTemporary files are in/);
});
