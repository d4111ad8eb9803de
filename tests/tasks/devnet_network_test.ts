/** How tasks find the devnet that runs: `--network devnet`. */

import assert from "node:assert/strict";
import { privateKeyToAccount } from "viem/accounts";
import { type DevnetChain, startDevnetChain } from "../../tasks/lib/devnet/chain.ts";
import { writeDevnetFile } from "../../tasks/lib/devnet/devnet_file.ts";
import { Checkout } from "../support/checkout.ts";
import { canRunEvm } from "../support/evm.ts";

const FUNDS = ["--network", "devnet"];

/** A test in a checkout of its own, as the file of the devnet that runs is in it. */
function testInCheckout(
  name: string,
  fn: (checkout: Checkout, chain: DevnetChain) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !canRunEvm,
    // A connection and its timers last as long as the task's process.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      using checkout = new Checkout("checkout", { mtime: 0 });
      Deno.mkdirSync(checkout.join(".cache"));
      await using chain = await startDevnetChain();
      await fn(checkout, chain);
    },
  });
}

testInCheckout("--network devnet finds the devnet that runs", async (checkout, { devnet }) => {
  writeDevnetFile(checkout.join(".cache/devnet.json"), devnet);
  const env = { PRIVATE_KEY: devnet.keys.builder };
  const { code, stdout, stderr } = await checkout.run("funds", FUNDS, env);
  assert.equal(code, 0, stderr);
  const { address } = privateKeyToAccount(devnet.keys.builder);
  assert.match(stdout, new RegExp(`^Account ${address} on Devnet \\(chain 14801\\)$`, "m"));
  assert.match(stdout, /wallet +1000 VANA/);
});

testInCheckout("--network devnet sends to the devnet that runs", async (checkout, { devnet }) => {
  writeDevnetFile(checkout.join(".cache/devnet.json"), devnet);
  const env = { PRIVATE_KEY: devnet.keys.builder };
  const args = [...FUNDS, "--deposit", "1", "--yes"];
  const { code, stdout, stderr } = await checkout.run("funds", args, env);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /ComputeEngine +1 VANA/);
});

testInCheckout(
  "--network devnet takes the chain's id from its file",
  async (checkout, { devnet }) => {
    writeDevnetFile(checkout.join(".cache/devnet.json"), { ...devnet, chainId: 31337 });
    const env = { PRIVATE_KEY: devnet.keys.builder };
    const { code, stderr } = await checkout.run("funds", FUNDS, env);
    assert.equal(code, 2);
    assert.match(stderr, /is of chain 14801, but Devnet is chain 31337/);
  },
);

testInCheckout("--network devnet says so where no devnet runs", async (checkout, { devnet }) => {
  const env = { PRIVATE_KEY: devnet.keys.builder };
  const { code, stderr } = await checkout.run("funds", FUNDS, env);
  assert.equal(code, 2);
  assert.match(stderr, /There is no devnet; start one with `deno task devnet`/);
});
