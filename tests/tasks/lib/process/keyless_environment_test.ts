/** No program that a task starts gets a key. */

import assert from "node:assert/strict";
import { runCommand } from "../../../../tasks/lib/process/command.ts";

const KEYS = ["PRIVATE_KEY", "MY_PRIVATE_KEY", "private_key", "MNEMONIC", "OWNER_MNEMONIC"];

Deno.test("a program gets this process's environment without its keys", async () => {
  Deno.env.set("NO_KEY_AT_ALL", "1");
  for (const name of KEYS) Deno.env.set(name, "0xsecret");
  try {
    const { stdout } = await runCommand({ program: "env" });
    assert.match(stdout, /^NO_KEY_AT_ALL=1$/m);
    assert.doesNotMatch(stdout, /0xsecret/);
  } finally {
    for (const name of [...KEYS, "NO_KEY_AT_ALL"]) Deno.env.delete(name);
  }
});
