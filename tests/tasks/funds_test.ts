/** What `deno task funds` shows and moves. */

import assert from "node:assert/strict";
import { parseEther } from "viem";
import { readDeposit, readFunds, TOKEN_ABI } from "../../tasks/lib/network/funds.ts";
import { answerLost, FaultyRpc, lost } from "../support/faulty_rpc.ts";
import { runOnChain } from "../support/onchain.ts";
import { newPerson } from "../support/people.ts";
import type { Outcome } from "../support/run.ts";
import { type TestNetwork, testOnNetwork } from "../support/test_network.ts";

/** Runs it as the builder. */
async function funds(net: TestNetwork, ...args: string[]): Promise<Outcome> {
  return await runOnChain(net, ["funds", ...args], { as: net.builder });
}

async function deposited(net: TestNetwork): Promise<bigint> {
  return await readDeposit(net.network, net.builder.account.address);
}

testOnNetwork(
  "funds shows an account's money in its wallet and in the ComputeEngine",
  async (net) => {
    const { address } = net.owner.account;
    await net.wallet.fund(address, parseEther("3"));
    const { code, stdout } = await runOnChain(net, ["funds", "--account", address]);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      `Account ${address} on Vana Moksha Testnet (chain 14800)\n` +
        "  wallet         3 VANA\n" +
        "  ComputeEngine  0 VANA\n",
    );
  },
);

testOnNetwork(
  "funds --json gives amounts in the smallest unit, of the key's account",
  async (net) => {
    await net.deposit(net.builder, 7n);
    const { code, stdout } = await funds(net, "--json");
    assert.equal(code, 0);
    const { wallet, ...shown } = JSON.parse(stdout);
    assert.match(wallet, /^9\d{18}$/);
    assert.deepEqual(shown, {
      network: "moksha",
      chainId: 14800,
      computeEngine: net.deployment.contracts.ComputeEngine,
      account: net.builder.account.address,
      token: "0x0000000000000000000000000000000000000000",
      symbol: "VANA",
      decimals: 18,
      engine: "7",
    });
  },
);

testOnNetwork("funds --deposit moves money, and shows what there is then", async (net) => {
  const { code, stdout, stderr } = await funds(net, "--deposit", "0.5", "--yes");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /pays +0\.5 VANA/);
  assert.match(stdout, /^Deposited 0\.5 VANA \(transaction 0x\w{64}, block \d+\)$/m);
  assert.match(stdout, /^ {2}ComputeEngine {2}0\.5 VANA$/m);
  assert.equal(await deposited(net), parseEther("0.5"));
});

testOnNetwork("funds --withdraw moves money back", async (net) => {
  await net.deposit(net.builder, parseEther("1"));
  const { code, stdout, stderr } = await funds(net, "--withdraw", "0.25", "--yes");
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Withdrew 0\.25 VANA /m);
  assert.equal(await deposited(net), parseEther("0.75"));
});

testOnNetwork("funds --withdraw of more than there is says what there is", async (net) => {
  await net.deposit(net.builder, parseEther("1"));
  const { code, stderr } = await funds(net, "--withdraw", "2", "--yes");
  assert.equal(code, 1);
  assert.match(stderr, /has 1 VANA in the ComputeEngine on Vana Moksha Testnet, less than 2 VANA/);
  assert.equal(await deposited(net), parseEther("1"));
});

testOnNetwork("funds --deposit of more than there is says what there is", async (net) => {
  const { code, stderr } = await funds(net, "--deposit", "20", "--yes");
  assert.equal(code, 1);
  assert.match(stderr, /it has 10 VANA and needs 20 VANA/);
  assert.equal(await net.sentBy(net.builder), 0);
});

testOnNetwork("funds without --yes moves nothing where there is no terminal", async (net) => {
  const { code, stderr } = await funds(net, "--deposit", "0.5");
  assert.equal(code, 1);
  assert.match(stderr, /Nothing was sent: there is no terminal/);
  assert.equal(await deposited(net), 0n);
});

testOnNetwork("funds --dry-run shows the cost and moves nothing", async (net) => {
  const { code, stderr } = await funds(net, "--deposit", "0.5", "--dry-run");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /gas +at most \d+/);
  assert.match(stderr, /nothing was sent/);
  assert.equal(await net.sentBy(net.builder), 0);
});

testOnNetwork("funds --unsigned prints the transaction with its money", async (net) => {
  const { code, stdout } = await runOnChain(net, ["funds", "--deposit", "0.5", "--unsigned"]);
  assert.equal(code, 0);
  const { to, value, chainId } = JSON.parse(stdout);
  const { ComputeEngine } = net.deployment.contracts;
  assert.deepEqual({ to, value, chainId }, {
    to: ComputeEngine,
    value: "500000000000000000",
    chainId: 14800,
  });
});

testOnNetwork(
  "funds --token deposits a token, which it lets the ComputeEngine take first",
  async (net) => {
    const token = await net.addToken({ symbol: "USD", decimals: 6 });
    const args = ["--token", token, "--deposit", "2.5", "--yes"];
    const { code, stdout, stderr } = await funds(net, ...args);
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`^Deposited 2\\.5 USD \\(${token}\\) `, "m"));
    const { address } = net.builder.account;
    assert.deepEqual(await readFunds(net.network, address, token), {
      wallet: 7_500_000n,
      engine: 2_500_000n,
    });
    assert.equal(await net.sentBy(net.builder), 2);
  },
);

testOnNetwork("funds --token approves nothing for a deposit of more than there is", async (net) => {
  const token = await net.addToken();
  const { code, stderr } = await funds(net, "--token", token, "--deposit", "20", "--yes");
  assert.equal(code, 1);
  assert.match(stderr, /has 10 TEST \(0x\w{40}\) on Vana Moksha Testnet, less than 20 TEST/);
  assert.equal(await net.sentBy(net.builder), 0);
});

testOnNetwork("funds --token approves nothing again that is approved already", async (net) => {
  const token = await net.addToken();
  await net.act(net.builder, {
    abi: TOKEN_ABI,
    address: token,
    functionName: "approve",
    args: [net.deployment.contracts.ComputeEngine, 5_000_000n],
  });
  const { code, stderr } = await funds(net, "--token", token, "--deposit", "5", "--yes");
  assert.equal(code, 0, stderr);
  assert.match(stderr, /may take that much already: nothing to send/);
  assert.equal(await net.sentBy(net.builder), 2);
});

testOnNetwork(
  "funds --token --dry-run says that the deposit itself isn't simulated yet",
  async (net) => {
    const token = await net.addToken();
    const { code, stderr } = await funds(net, "--token", token, "--deposit", "5", "--dry-run");
    assert.equal(code, 0, stderr);
    assert.match(stderr, /deposit itself can be simulated only once/);
    assert.equal(await net.sentBy(net.builder), 0);
  },
);

testOnNetwork("funds --token --unsigned prints the approval and the deposit", async (net) => {
  const token = await net.addToken();
  const args = ["funds", "--token", token, "--deposit", "5", "--unsigned"];
  const { code, stdout, stderr } = await runOnChain(net, args);
  assert.equal(code, 0, stderr);
  const transactions = stdout.trim().split("\n").map((line) => JSON.parse(line));
  const { ComputeEngine } = net.deployment.contracts;
  assert.deepEqual(transactions.map(({ to, value }) => ({ to, value })), [
    { to: token, value: "0" },
    { to: ComputeEngine, value: "0" },
  ]);
});

testOnNetwork("funds --token --withdraw gives a token back", async (net) => {
  const token = await net.addToken();
  await net.deposit(net.builder, 5_000_000n, token);
  const { code, stdout } = await funds(net, "--token", token, "--withdraw", "5", "--yes");
  assert.equal(code, 0);
  assert.match(stdout, /^Withdrew 5 TEST /m);
});

testOnNetwork("funds --token of a contract that is no token can't tell", async (net) => {
  const { code, stderr } = await funds(net, "--token", net.deployment.contracts.QueryEngine);
  assert.equal(code, 2);
  assert.match(stderr, /isn't an ERC-20 token: it has no symbol and decimals/);
});

testOnNetwork(
  "a token's symbol can't pass for the chain's money, nor reach the terminal raw",
  async (net) => {
    const token = await net.addToken({ symbol: "VANA\x1b[2J", decimals: 18 });
    const { stdout } = await funds(net, "--token", token);
    assert.match(stdout, new RegExp(`wallet +10 VANA\\\\u\\{1b\\}\\[2J \\(${token}\\)`));
  },
);

for (
  const [amount, words] of [
    ["abc", /"abc" isn't an amount; expected one like 0\.5/],
    ["-1", /"-1" isn't an amount/],
    ["1e3", /"1e3" isn't an amount/],
    ["0", /The amount is 0; expected more/],
    ["0.0000000000000000001", /has 19 decimals, but VANA has only 18/],
    ["9".repeat(78), /is more than any contract can hold/],
  ] as const
) {
  testOnNetwork(`funds --deposit=${amount.slice(0, 25)} is refused in words`, async (net) => {
    const { code, stderr } = await funds(net, `--deposit=${amount}`, "--yes");
    assert.equal(code, 1);
    assert.match(stderr, words);
    assert.equal(await net.sentBy(net.builder), 0);
  });
}

testOnNetwork("funds says that the ComputeEngine is paused", async (net) => {
  await net.pause("ComputeEngine");
  const { code, stderr } = await funds(net, "--deposit", "1", "--yes");
  assert.equal(code, 1);
  assert.match(stderr, /The ComputeEngine is paused/);
});

testOnNetwork("funds needs an account or a key to show anything", async (net) => {
  const { code, stderr } = await runOnChain(net, ["funds"]);
  assert.equal(code, 2);
  assert.match(stderr, /Expected an account/);
});

testOnNetwork(
  "funds whose transaction may be lost can't tell, and says how to find out",
  async (net) => {
    await using rpc = new FaultyRpc(net.url, lost("eth_sendRawTransaction"));
    const args = ["--deposit", "1", "--yes", "--rpc", rpc.url];
    const { code, stderr } = await funds(net, ...args);
    assert.equal(code, 2);
    const { address } = net.builder.account;
    assert.match(stderr, new RegExp(`deno task funds --account ${address} --network moksha`));
    assert.match(stderr, /may have been accepted; look it up before you try again/);
  },
);

testOnNetwork("funds can't tell where the RPC doesn't answer", async (net) => {
  const nobody = "http://127.0.0.1:1";
  const { code, stderr } = await funds(net, "--deposit", "1", "--yes", "--rpc", nobody);
  assert.equal(code, 2);
  assert.match(stderr, /The RPC http:\/\/127\.0\.0\.1:1 can't be reached/);
});

testOnNetwork("funds whose answer is lost moves the money once", async (net) => {
  await using rpc = new FaultyRpc(net.url, answerLost("eth_sendRawTransaction"));
  const { code, stderr } = await funds(net, "--deposit", "1", "--yes", "--rpc", rpc.url);
  assert.equal(code, 0, stderr);
  assert.equal(await deposited(net), parseEther("1"));
});

testOnNetwork("funds that isn't mined in time can't tell, and isn't sent again", async (net) => {
  await net.wallet.client.setAutomine(false);
  const args = ["--deposit", "1", "--yes", "--timeout", "1"];
  const first = await funds(net, ...args);
  assert.equal(first.code, 2);
  assert.match(first.stderr, /isn't mined after 1 s/);
  const second = await funds(net, ...args);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /has a transaction \(nonce 0\) that is still pending/);
  await net.wallet.client.mine({ blocks: 1 });
  assert.equal(await deposited(net), parseEther("1"));
});

testOnNetwork("funds of an account that nobody has used is 0", async (net) => {
  const { address } = newPerson().account;
  const { code, stdout } = await runOnChain(net, ["funds", "--account", address, "--json"]);
  assert.equal(code, 0);
  const { wallet, engine } = JSON.parse(stdout);
  assert.deepEqual({ wallet, engine }, { wallet: "0", engine: "0" });
});
