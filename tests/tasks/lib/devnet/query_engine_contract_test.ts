/** What the QueryEngine does with permissions and payments, and by which errors it refuses. */

import assert from "node:assert/strict";
import { type Address, parseEther, zeroAddress } from "viem";
import { readDeposit, TOKEN_ABI } from "../../../../tasks/lib/network/funds.ts";
import { queryEngine } from "../../../../tasks/lib/network/query_engine.ts";
import { OPERATION_ABI } from "../../../support/operation_abi.ts";
import { newPerson } from "../../../support/people.ts";
import { assertRefused } from "../../../support/refusals.ts";
import { type TestNetwork, testOnNetwork } from "../../../support/test_network.ts";

function grant(net: TestNetwork, table: string, column: string) {
  const args = [zeroAddress, 1n, table, column, zeroAddress, 0n] as const;
  return { ...queryEngine(net.network), functionName: "addPermission", args } as const;
}

function approval(net: TestNetwork, id: bigint, approved: boolean) {
  const args = [id, approved] as const;
  return { ...queryEngine(net.network), functionName: "updatePermissionApproval", args } as const;
}

function payment(net: TestNetwork, { amount = 5n, job = 1n, refiner = 1n, token }: {
  amount?: bigint;
  job?: bigint;
  refiner?: bigint;
  token?: Address;
} = {}) {
  const contract = { abi: OPERATION_ABI, address: net.deployment.contracts.QueryEngine } as const;
  return token === undefined
    ? {
      ...contract,
      functionName: "requestPaymentInVana",
      args: [amount, job, refiner],
    } as const
    : {
      ...contract,
      functionName: "requestPaymentInToken",
      args: [token, amount, job, refiner],
    } as const;
}

/** A network with a refiner, and a job of the builder's, who has deposited 1 VANA. */
async function withJob(net: TestNetwork): Promise<void> {
  await net.addRefiner();
  await net.addTee({ url: "https://tee.example.com" });
  await net.submitJob({ instruction: await net.addInstruction(), deposit: parseEther("1") });
}

testOnNetwork("only a refiner's owner grants and revokes permissions", async (net) => {
  const refiner = await net.addRefiner();
  const id = await net.grant({ refiner });
  await assertRefused(net, net.builder, grant(net, "", ""), "NotRefinerOwner()");
  await assertRefused(net, net.builder, approval(net, id, false), "NotRefinerOwner()");
});

testOnNetwork("a permission for a column must name its table", async (net) => {
  await net.addRefiner();
  await assertRefused(net, net.owner, grant(net, "", "name"), "ColumnNameUnexpected()");
});

testOnNetwork("an unknown permission can't be revoked", async (net) => {
  await net.addRefiner();
  for (const id of [0n, 1n]) {
    await assertRefused(net, net.owner, approval(net, id, false), "PermissionNotFound()");
  }
});

testOnNetwork("a paused QueryEngine grants nothing, and still revokes", async (net) => {
  const id = await net.grant({ refiner: await net.addRefiner() });
  await net.pause("QueryEngine");
  await assertRefused(net, net.owner, grant(net, "", ""), "EnforcedPause()");
  await net.revoke(id);
});

testOnNetwork(
  "a permission can name a token that isn't accepted, in which nothing is paid",
  async (net) => {
    await withJob(net);
    const token = await net.addToken();
    await net.grant({ refiner: 1n, token, price: 5n });
    await net.deposit(net.builder, 5n, token);
    const call = payment(net, { token });
    await assertRefused(net, net.queryEngine, call, "InvalidPaymentToken(address)");
  },
);

testOnNetwork(
  "the job's owner pays: 80 percent to the DLP, and the rest to the network",
  async (net) => {
    await withJob(net);
    const amount = parseEther("0.5") + 3n;
    const { client } = net.wallet;
    const before = await client.getBalance({ address: net.operator.account.address });
    await net.requestPayment({ amount, job: 1n, refiner: 1n });

    const share = amount * 80n / 100n;
    const after = await client.getBalance({ address: net.operator.account.address });
    assert.equal(after - before, amount - share);
    const { address } = net.builder.account;
    assert.equal(await readDeposit(net.network, address), parseEther("1") - amount);

    const { treasury, earned } = await dlpMoney(net);
    assert.deepEqual({ treasury, earned }, { treasury: share, earned: share });
  },
);

/** What the QueryEngine's treasury holds, and what of it is the DLP's. */
async function dlpMoney(net: TestNetwork): Promise<{ treasury: bigint; earned: bigint }> {
  const { client } = net.wallet;
  const address = net.deployment.contracts.QueryEngine;
  const abi = [
    ...OPERATION_ABI,
    {
      type: "function",
      name: "queryEngineTreasury",
      stateMutability: "view",
      inputs: [],
      outputs: [{ type: "address" }],
    },
    {
      type: "function",
      name: "balanceOf",
      stateMutability: "view",
      inputs: [{ type: "uint256" }, { type: "address" }],
      outputs: [{ type: "uint256" }],
    },
  ] as const;
  const account = await client.readContract({ abi, address, functionName: "queryEngineTreasury" });
  const args = [net.dlp, zeroAddress] as const;
  return {
    treasury: await client.getBalance({ address: account }),
    earned: await client.readContract({ abi, address, functionName: "balanceOf", args }),
  };
}

testOnNetwork("a DLP's owner, and nobody else, takes its share", async (net) => {
  await withJob(net);
  await net.requestPayment({ amount: 10n, job: 1n, refiner: 1n });
  const contract = { abi: OPERATION_ABI, address: net.deployment.contracts.QueryEngine } as const;
  const args = [net.dlp, zeroAddress] as const;
  const claim = { ...contract, functionName: "claimDlpPayment", args } as const;
  await assertRefused(net, net.builder, claim, "NotDlpOwner()");
  await net.act(net.owner, claim);
  assert.deepEqual(await dlpMoney(net), { treasury: 0n, earned: 0n });
});

testOnNetwork("a payment in an accepted token is shared in it", async (net) => {
  await withJob(net);
  const token = await net.addToken();
  await net.acceptToken(token);
  await net.deposit(net.builder, 1000n, token);
  await net.requestPayment({ amount: 100n, job: 1n, refiner: 1n, token });
  const balance = { abi: TOKEN_ABI, address: token, functionName: "balanceOf" } as const;
  const args = [net.operator.account.address] as const;
  assert.equal(await net.wallet.client.readContract({ ...balance, args }), 20n);
  assert.equal(await readDeposit(net.network, net.builder.account.address, token), 900n);
});

testOnNetwork("a payment is refused by the name of what is wrong", async (net) => {
  await withJob(net);
  const role = "AccessControlUnauthorizedAccount(address,bytes32)";
  await assertRefused(net, net.builder, payment(net), role);
  await assertRefused(net, net.queryEngine, payment(net, { refiner: 2n }), "RefinerNotFound()");
  await assertRefused(net, net.queryEngine, payment(net, { job: 2n }), "JobNotFound(uint256)");
  const tooMuch = payment(net, { amount: parseEther("1") + 1n });
  await assertRefused(net, net.queryEngine, tooMuch, "InsufficientBalance()");
});

testOnNetwork("a job that no TEE took can't be charged", async (net) => {
  await net.addRefiner();
  await net.submitJob({ instruction: await net.addInstruction(), deposit: 10n });
  await assertRefused(net, net.queryEngine, payment(net), "JobNotSubmitted(uint256)");
});

testOnNetwork("a job that has ended can be charged", async (net) => {
  await withJob(net);
  await net.setJobStatus(1n, 5);
  await net.requestPayment({ amount: 10n, job: 1n, refiner: 1n });
});

testOnNetwork("only the QueryEngine requests payments from the ComputeEngine", async (net) => {
  await withJob(net);
  await assertRefused(net, newPerson(), {
    abi: [{
      type: "function",
      name: "executePaymentRequest",
      stateMutability: "nonpayable",
      inputs: [{ type: "address" }, { type: "uint256" }, { type: "bytes" }],
      outputs: [],
    }],
    address: net.deployment.contracts.ComputeEngine,
    functionName: "executePaymentRequest",
    args: [zeroAddress, 5n, "0x"],
  }, "UnauthorizedPaymentRequestor()");
});
