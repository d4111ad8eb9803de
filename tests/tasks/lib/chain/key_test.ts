/** Where the key that signs comes from, tested on revoke; approve and register read it in the same way. */

import assert from "node:assert/strict";
import type { Hex } from "viem";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import type { LocalChain } from "../../../support/evm.ts";
import { runOnChain, testApproved } from "../../../support/onchain.ts";

const REVOKE = ["revoke", "1", "--dlp", "7", "--yes"];

/** Runs a revocation that must fail, and returns what it said. */
async function refused(
  chain: LocalChain,
  args: string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, stderr } = await runOnChain(chain, [...REVOKE, ...args], { env });
  assert.equal(code, 1);
  assert.equal(await chain.isApproved(1n), true);
  return stderr;
}

testApproved("revoke takes the key from a file of mode 0600", async (chain) => {
  using folder = new TemporaryFolder({ prefix: "key-test-" });
  const file = keyFile(folder, chain.owner.key, 0o600);
  const { code, stderr } = await runOnChain(chain, [...REVOKE, "--key-file", file]);
  assert.equal(code, 0, stderr);
  assert.equal(await chain.isApproved(1n), false);
});

testApproved("revoke refuses a key file that others can read", async (chain) => {
  using folder = new TemporaryFolder({ prefix: "key-test-" });
  const file = keyFile(folder, chain.owner.key, 0o640);
  const stderr = await refused(chain, ["--key-file", file]);
  assert.match(stderr, /has mode 0640, so others may read or change it; expected 0600/);
});

testApproved("revoke refuses a key file of another user", async (chain) => {
  using folder = new TemporaryFolder({ prefix: "key-test-" });
  const file = keyFile(folder, chain.owner.key, 0o600);
  // Only root can give a file away, and only root can read it then.
  if (Deno.uid() !== 0) return;
  Deno.chownSync(file, 1, 1);
  const stderr = await refused(chain, ["--key-file", file]);
  assert.match(stderr, /belongs to user 1, and you are user 0/);
});

testApproved("revoke shows nothing of what is no key", async (chain) => {
  const env = { PRIVATE_KEY: `${chain.owner.key}00` };
  const stderr = await refused(chain, [], env);
  assert.match(stderr, /^error: PRIVATE_KEY isn't a private key: expected 64 hex/m);
  assert.ok(!stderr.includes(chain.owner.key.slice(2)));
});

testApproved("revoke without a key says where it may come from", async (chain) => {
  const stderr = await refused(chain, []);
  assert.match(stderr, /expected PRIVATE_KEY in the environment, or --key-file.*--unsigned/);
});

function keyFile(folder: TemporaryFolder, key: Hex, mode: number): string {
  const file = folder.join("key");
  Deno.writeTextFileSync(file, `${key}\n`);
  Deno.chmodSync(file, mode);
  return file;
}
