/** What is read of permissions. */

import assert from "node:assert/strict";
import { allPermissions, readPermissions } from "../../../../tasks/lib/network/permissions.ts";
import { newPerson } from "../../../support/people.ts";
import { testOnNetwork } from "../../../support/test_network.ts";

testOnNetwork("an account's permissions are everyone's and its own, newest first", async (net) => {
  const refiner = await net.addRefiner();
  const account = net.builder.account.address;
  await net.grant({ refiner, grantee: net.builder, table: "users", column: "name", price: 5n });
  await net.grant({ refiner, table: "users" });
  await net.grant({ refiner, grantee: newPerson(), table: "users" });
  await net.grant({ refiner: await net.addRefiner(), grantee: net.builder });
  const read = await readPermissions(net.network, refiner, account);
  assert.deepEqual(read.map(({ id, grantee }) => ({ id, grantee })), [
    { id: 2n, grantee: undefined },
    { id: 1n, grantee: account },
  ]);
  assert.deepEqual(read[1], {
    id: 1n,
    refiner,
    grantee: account,
    table: "users",
    column: "name",
    price: 5n,
    token: "0x0000000000000000000000000000000000000000",
    approved: true,
  });
});

testOnNetwork("without an account, everyone's permissions are read", async (net) => {
  const refiner = await net.addRefiner();
  await net.grant({ refiner, grantee: net.builder });
  await net.grant({ refiner });
  const read = await readPermissions(net.network, refiner);
  assert.deepEqual(read.map(({ id }) => id), [2n]);
});

testOnNetwork("a revoked permission is none of an account's, and one of all", async (net) => {
  const refiner = await net.addRefiner();
  for (let i = 0; i < 3; i++) await net.grant({ refiner, grantee: net.builder });
  await net.revoke(1n);
  const account = net.builder.account.address;
  const read = await readPermissions(net.network, refiner, account);
  assert.deepEqual(read.map(({ id }) => id), [3n, 2n]);
  const { permissions, lookedAt, more } = await allPermissions(net.network, refiner);
  const approvals = permissions.map(({ id, approved }) => [id, approved]);
  assert.deepEqual(approvals, [[3n, true], [2n, true], [1n, false]]);
  assert.deepEqual({ lookedAt, more }, { lookedAt: 3, more: false });
});
