/** How transactions are sent to a chain on this machine. */

import assert from "node:assert/strict";
import { RevertedError } from "../../../../tasks/lib/chain/errors.ts";
import { computeEngine } from "../../../../tasks/lib/network/compute_engine.ts";
import { readDeposit } from "../../../../tasks/lib/network/funds.ts";
import { type TestNetwork, testOnNetwork } from "../../../support/test_network.ts";

const VANA = "0x0000000000000000000000000000000000000000";

function move(net: TestNetwork, functionName: "deposit" | "withdraw", amount: bigint) {
  const value = functionName === "deposit" ? amount : 0n;
  const args = [VANA, amount] as const;
  return net.wallet.write(net.builder.account, {
    ...computeEngine(net.network),
    functionName,
    args,
    value,
  });
}

testOnNetwork("transactions of one account that are sent at once are all mined", async (net) => {
  await Promise.all([1n, 2n, 3n, 4n].map((amount) => move(net, "deposit", amount)));
  assert.equal(await readDeposit(net.network, net.builder.account.address), 10n);
});

testOnNetwork(
  "a transaction that is refused says by which error, and stops none behind it",
  async (net) => {
    const refused = move(net, "withdraw", 1n);
    const sent = move(net, "deposit", 5n);
    await assert.rejects(refused, (error) => {
      return error instanceof RevertedError && error.errorName === "InsufficientBalance";
    });
    await sent;
    assert.equal(await readDeposit(net.network, net.builder.account.address), 5n);
  },
);
