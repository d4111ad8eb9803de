/** The devnet's chain: what is on it, how it is kept, and how tasks find it. */

import assert from "node:assert/strict";
import { privateKeyToAccount } from "viem/accounts";
import {
  DEVNET_DLP,
  type DevnetChain,
  type DevnetChainOptions,
  type DevnetKeys,
  startDevnetChain,
} from "../../../../tasks/lib/devnet/chain.ts";
import { readDevnetFile, writeDevnetFile } from "../../../../tasks/lib/devnet/devnet_file.ts";
import { joinRefiner, joinTee } from "../../../../tasks/lib/devnet/members.ts";
import { readFunds } from "../../../../tasks/lib/network/funds.ts";
import { readRefiner } from "../../../../tasks/lib/network/refiners.ts";
import { findPool, readTee } from "../../../../tasks/lib/network/tees.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { canRunEvm } from "../../../support/evm.ts";

function testDevnet(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name,
    ignore: !canRunEvm,
    // A connection and its timers last as long as the task's process.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

async function withChain(
  options: DevnetChainOptions,
  check: (chain: DevnetChain) => Promise<void>,
): Promise<void> {
  await using chain = await startDevnetChain(options);
  await check(chain);
}

function addressOf({ devnet }: DevnetChain, part: keyof DevnetKeys) {
  return privateKeyToAccount(devnet.keys[part]).address;
}

function ownerOf({ wallet, devnet }: DevnetChain) {
  return { wallet, account: privateKeyToAccount(devnet.keys.owner) };
}

function operatorOf({ wallet, devnet }: DevnetChain) {
  return { wallet, account: privateKeyToAccount(devnet.keys.operator) };
}

const REFINER = {
  id: 1n,
  dlp: DEVNET_DLP,
  name: "Dummy data",
  url: "http://127.0.0.1:1/schema.json",
};

testDevnet("a devnet's chain has id 14801, contracts and people with money", async () => {
  await withChain({}, async (chain) => {
    assert.equal(await chain.wallet.client.getChainId(), 14801);
    for (const part of ["owner", "builder", "tee", "queryEngine"] as const) {
      const { wallet } = await readFunds(chain.network, addressOf(chain, part));
      assert.equal(wallet, 1000n * 10n ** 18n, part);
    }
    await joinRefiner(chain.network, ownerOf(chain), REFINER);
    const { dlp, owner, schemaUrl } = await readRefiner(chain.network, 1n);
    assert.deepEqual([dlp, owner, schemaUrl], [1n, addressOf(chain, "owner"), REFINER.url]);
  });
});

testDevnet("a refiner of a devnet that joins again keeps its id and gets its new URL", async () => {
  await withChain({}, async (chain) => {
    for (const port of [1, 1, 2]) {
      const url = `http://127.0.0.1:${port}/schema.json`;
      await joinRefiner(chain.network, ownerOf(chain), { ...REFINER, url });
      assert.equal((await readRefiner(chain.network, 1n)).schemaUrl, url);
    }
    await assert.rejects(readRefiner(chain.network, 2n), /which has 1/);
  });
});

testDevnet("a TEE of a devnet takes jobs of up to two hours, at its latest URL", async () => {
  await withChain({}, async (chain) => {
    const tee = addressOf(chain, "tee");
    for (const url of ["http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:2"]) {
      await joinTee(chain.network, operatorOf(chain), { tee, url });
      for (const maxTimeout of [300n, 7200n]) {
        const pool = await findPool(chain.network, { maxTimeout, gpu: false });
        assert.deepEqual(pool?.activeTees, [tee]);
        const found = await readTee(chain.network, { pool: pool!.address, tee });
        assert.equal(found?.url, url);
      }
    }
  });
});

testDevnet("a devnet's chain that is kept has the same contracts and people again", async () => {
  using folder = new TemporaryFolder({ prefix: "devnet-" });
  const state = folder.join("state");
  let first: DevnetChain["devnet"] | undefined;
  await withChain({ state }, async (chain) => {
    first = chain.devnet;
    await joinRefiner(chain.network, ownerOf(chain), REFINER);
  });
  await withChain({ state }, async (chain) => {
    assert.deepEqual(chain.devnet, { ...first, rpc: chain.devnet.rpc });
    assert.equal((await readRefiner(chain.network, 1n)).schemaUrl, REFINER.url);
  });
});

testDevnet("a devnet whose chain was lost starts anew", async () => {
  using folder = new TemporaryFolder({ prefix: "devnet-" });
  const state = folder.join("state");
  await withChain({ state }, () => Promise.resolve());
  Deno.removeSync(folder.join("state/chain.json"));
  await withChain({ state }, async (chain) => {
    await joinRefiner(chain.network, ownerOf(chain), REFINER);
  });
});

testDevnet("a devnet's file is for its user only, and is read back", async () => {
  using folder = new TemporaryFolder({ prefix: "devnet-" });
  const file = folder.join("devnet.json");
  await withChain({}, ({ devnet }) => {
    writeDevnetFile(file, devnet);
    assert.equal(Deno.statSync(file).mode! & 0o777, 0o600);
    assert.deepEqual(readDevnetFile(file), devnet);
    return Promise.resolve();
  });
});
