/** What is read of pools and TEEs. */

import assert from "node:assert/strict";
import type { PoolName } from "../../../../tasks/lib/devnet/deploy.ts";
import { findPool, readPoolTimeouts, readTee } from "../../../../tasks/lib/network/tees.ts";
import { newPerson } from "../../../support/people.ts";
import { testOnNetwork } from "../../../support/test_network.ts";

testOnNetwork("a job's time limit and hardware lead to a pool", async (net) => {
  const cases: [bigint, boolean, PoolName | undefined][] = [
    [1n, false, "ephemeral"],
    [300n, false, "ephemeral"],
    [301n, false, "persistent"],
    [7200n, false, "persistent"],
    [7201n, false, "dedicated"],
    [300n, true, undefined],
    [301n, true, "persistentGpu"],
    [7201n, true, "dedicatedGpu"],
  ];
  for (const [maxTimeout, gpu, name] of cases) {
    const pool = await findPool(net.network, { maxTimeout, gpu });
    assert.equal(pool?.address, name && net.deployment.pools[name], `${maxTimeout} ${gpu}`);
    assert.equal(pool?.dedicated ?? false, name?.startsWith("dedicated") ?? false);
  }
});

testOnNetwork("the time limits of pools are read", async (net) => {
  assert.deepEqual(await readPoolTimeouts(net.network), { ephemeral: 300n, persistent: 7200n });
});

testOnNetwork("a pool names its active TEEs only", async (net) => {
  const other = newPerson();
  await net.addTee({ url: "https://1.example.com" });
  await net.addTee({ url: "https://2.example.com", tee: other });
  await net.removeTee();
  const pool = await findPool(net.network, { maxTimeout: 300n, gpu: false });
  assert.deepEqual(pool?.activeTees, [other.account.address]);
});

testOnNetwork("a TEE's URL is read, also once it was removed", async (net) => {
  const url = "https://tee.example.com";
  const at = { pool: net.deployment.pools.ephemeral, tee: net.tee.account.address };
  assert.equal(await readTee(net.network, at), undefined);
  await net.addTee({ url });
  assert.deepEqual(await readTee(net.network, at), { address: at.tee, url, active: true });
  await net.removeTee();
  assert.deepEqual(await readTee(net.network, at), { address: at.tee, url, active: false });
});
