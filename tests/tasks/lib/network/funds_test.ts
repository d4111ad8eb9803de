/** What is read of accounts and currencies. */

import assert from "node:assert/strict";
import { parseEther } from "viem";
import { readCurrency, readFunds } from "../../../../tasks/lib/network/funds.ts";
import { newPerson } from "../../../support/people.ts";
import { testOnNetwork } from "../../../support/test_network.ts";

testOnNetwork("an account's money is read in the wallet and in the ComputeEngine", async (net) => {
  const person = newPerson();
  await net.wallet.fund(person.account.address, parseEther("2"));
  await net.deposit(person, parseEther("0.5"));
  const { wallet, engine } = await readFunds(net.network, person.account.address);
  assert.equal(engine, parseEther("0.5"));
  assert.ok(wallet < parseEther("1.5") && wallet > parseEther("1.4"), `${wallet}`);
});

testOnNetwork("a token's amounts are read from the token and the ComputeEngine", async (net) => {
  const token = await net.addToken({ symbol: "USD", decimals: 6 });
  await net.deposit(net.builder, 4_000_000n, token);
  const { address } = net.builder.account;
  assert.deepEqual(await readFunds(net.network, address, token), {
    wallet: 6_000_000n,
    engine: 4_000_000n,
  });
  assert.deepEqual(await readCurrency(net.network, token), { token, symbol: "USD", decimals: 6 });
});

testOnNetwork("a contract that is no token is refused", async (net) => {
  const { QueryEngine } = net.deployment.contracts;
  await assert.rejects(readCurrency(net.network, QueryEngine), /isn't an ERC-20 token/);
});
