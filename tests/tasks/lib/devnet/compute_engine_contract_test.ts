/** What the ComputeEngine and the pools do with jobs and deposits, and by which errors they refuse. */

import assert from "node:assert/strict";
import { encodeAbiParameters, parseAbiParameters, parseEther, zeroAddress } from "viem";
import { computeEngine } from "../../../../tasks/lib/network/compute_engine.ts";
import { readFunds } from "../../../../tasks/lib/network/funds.ts";
import { readJob } from "../../../../tasks/lib/network/jobs.ts";
import { OPERATION_ABI } from "../../../support/operation_abi.ts";
import { newPerson, type Person } from "../../../support/people.ts";
import { assertRefused } from "../../../support/refusals.ts";
import { type TestNetwork, testOnNetwork } from "../../../support/test_network.ts";

const URL = "https://tee.example.com";

function submission(net: TestNetwork, instruction: bigint) {
  const args = [300n, false, instruction] as const;
  return { ...computeEngine(net.network), functionName: "submitJob", args } as const;
}

function operation(net: TestNetwork) {
  return { abi: OPERATION_ABI, address: net.deployment.contracts.ComputeEngine } as const;
}

function update(net: TestNetwork, status: number) {
  const args = [1n, status, ""] as const;
  return { ...operation(net), functionName: "updateJobStatus", args } as const;
}

function aboutJob(
  net: TestNetwork,
  functionName: "resubmitJob" | "cancelJob",
  id = 1n,
) {
  return { ...computeEngine(net.network), functionName, args: [id] as const } as const;
}

testOnNetwork("a job needs no approval, permission or money to be submitted", async (net) => {
  await net.addTee({ url: URL });
  const id = await net.submitJob({ instruction: await net.addInstruction() });
  assert.equal((await readJob(net.network, id)).status, "submitted");
});

testOnNetwork("the money that goes with a job is its owner's deposit", async (net) => {
  await net.submitJob({ instruction: await net.addInstruction(), deposit: 7n });
  const { engine } = await readFunds(net.network, net.builder.account.address);
  assert.equal(engine, 7n);
});

testOnNetwork("a job of an unknown instruction is refused", async (net) => {
  await assertRefused(net, net.builder, submission(net, 1n), "InstructionNotFound(uint256)");
});

testOnNetwork("a paused ComputeEngine takes no job, deposit or withdrawal", async (net) => {
  const instruction = await net.addInstruction();
  await net.deposit(net.builder, 5n);
  await net.pause("ComputeEngine");
  const withdrawal = {
    ...computeEngine(net.network),
    functionName: "withdraw",
    args: [zeroAddress, 5n],
  } as const;
  const deposit = { ...withdrawal, functionName: "deposit", value: 5n } as const;
  for (const call of [submission(net, instruction), withdrawal, deposit]) {
    await assertRefused(net, net.builder, call, "EnforcedPause()");
  }
});

testOnNetwork("jobs go to a pool's TEEs in turn", async (net) => {
  const tees = [newPerson(), newPerson(), newPerson()];
  for (const tee of tees) await net.addTee({ url: URL, tee });
  const instruction = await net.addInstruction();
  const taken: (string | undefined)[] = [];
  for (let i = 0; i < 6; i++) {
    const id = await net.submitJob({ instruction });
    taken.push((await readJob(net.network, id)).assigned?.tee);
  }
  const addresses = tees.map(({ account }) => account.address);
  assert.deepEqual(taken, [...addresses, ...addresses]);
});

testOnNetwork("anyone resubmits a job that no TEE took, once there is a TEE", async (net) => {
  const id = await net.submitJob({ instruction: await net.addInstruction() });
  await assertRefused(net, net.owner, aboutJob(net, "resubmitJob"), "FailedToAssignTee()");
  await net.addTee({ url: URL });
  await net.act(net.owner, aboutJob(net, "resubmitJob"));
  assert.equal((await readJob(net.network, id)).assigned?.tee, net.tee.account.address);
});

testOnNetwork("a job that has a TEE, is canceled or unknown isn't resubmitted", async (net) => {
  const instruction = await net.addInstruction();
  await net.submitJob({ instruction });
  await net.act(net.builder, aboutJob(net, "cancelJob"));
  const canceled = aboutJob(net, "resubmitJob");
  await assertRefused(net, net.builder, canceled, "OnlyRegisteredJobStatus()");
  await net.addTee({ url: URL });
  await net.submitJob({ instruction });
  const taken = aboutJob(net, "resubmitJob", 2n);
  await assertRefused(net, net.builder, taken, "TeeAlreadyAssigned(uint256)");
  for (const id of [0n, 3n]) {
    const unknown = aboutJob(net, "resubmitJob", id);
    await assertRefused(net, net.builder, unknown, "JobNotFound(uint256)");
  }
});

testOnNetwork("a job's owner, and nobody else, cancels it until it has ended", async (net) => {
  await net.addTee({ url: URL });
  await net.submitJob({ instruction: await net.addInstruction() });
  await assertRefused(net, net.tee, aboutJob(net, "cancelJob"), "NotJobOwner()");
  await net.act(net.builder, aboutJob(net, "cancelJob"));
  assert.equal((await readJob(net.network, 1n)).status, "canceled");
  await assertRefused(net, net.builder, aboutJob(net, "cancelJob"), "JobLifeCycleEnded()");
});

testOnNetwork("a job's TEE, and nobody else, sets its status, which only rises", async (net) => {
  await net.addTee({ url: URL });
  await net.submitJob({ instruction: await net.addInstruction() });
  await assertRefused(net, net.builder, update(net, 3), "NotTee()");
  await net.setJobStatus(1n, 3);
  const wrong = "InvalidStatusTransition(uint8,uint8)";
  for (const status of [2, 3, 6]) await assertRefused(net, net.tee, update(net, status), wrong);
  await net.removeTee();
  await net.setJobStatus(1n, 4);
  await assertRefused(net, net.tee, update(net, 5), "JobAlreadyDone()");
});

testOnNetwork(
  "a job for a TEE of one's own goes to the dedicated pool, whatever its time limit",
  async (net) => {
    const instruction = await net.addInstruction();
    const submit = (tee: Person | undefined) => ({
      ...operation(net),
      functionName: "submitJobWithTee",
      args: [10n, false, instruction, tee?.account.address ?? zeroAddress],
    } as const);
    await assertRefused(net, net.builder, submit(undefined), "ZeroTeeAddress()");
    await net.addTee({ url: URL });
    await assertRefused(net, net.builder, submit(net.tee), "FailedToAssignTee()");
    await net.addTee({ url: URL, pool: "dedicated" });
    await net.act(net.builder, submit(net.tee));
    const { pool } = (await readJob(net.network, 1n)).assigned ?? {};
    assert.equal(pool, net.deployment.pools.dedicated);
  },
);

testOnNetwork("a pool takes no TEE twice, and removes none that it doesn't have", async (net) => {
  await net.addTee({ url: URL });
  const pool = { abi: OPERATION_ABI, address: net.deployment.pools.ephemeral } as const;
  const tee = net.tee.account.address;
  const params = encodeAbiParameters(parseAbiParameters("string, string"), [URL, ""]);
  const add = { ...pool, functionName: "addTee", args: [tee, params] } as const;
  await assertRefused(net, net.operator, add, "TeeAlreadyAdded()");
  const other = newPerson().account.address;
  const remove = { ...pool, functionName: "removeTee", args: [other] } as const;
  await assertRefused(net, net.operator, remove, "TeeNotActive(address)");
});

testOnNetwork("a deposit is refused by the name of what is wrong", async (net) => {
  const deposit = { ...computeEngine(net.network), functionName: "deposit" } as const;
  const token = await net.addToken();
  const wrong = { ...deposit, args: [zeroAddress, 5n], value: 4n } as const;
  await assertRefused(net, net.builder, wrong, "InvalidVanaAmount()");
  await assertRefused(net, net.builder, { ...deposit, args: [zeroAddress, 0n] }, "InvalidAmount()");
  const both = { ...deposit, args: [token, 5n], value: 5n } as const;
  await assertRefused(net, net.builder, both, "UnexpectedVanaDeposit()");
  await assertRefused(
    net,
    net.builder,
    { ...deposit, args: [token, 5n] },
    "ERC20InsufficientAllowance(address,uint256,uint256)",
  );
});

testOnNetwork("what is deposited and not spent can be withdrawn, and no more", async (net) => {
  await net.deposit(net.builder, parseEther("1"));
  const withdraw = { ...computeEngine(net.network), functionName: "withdraw" } as const;
  const tooMuch = { ...withdraw, args: [zeroAddress, parseEther("1") + 1n] } as const;
  await assertRefused(net, net.builder, tooMuch, "InsufficientBalance()");
  await assertRefused(
    net,
    net.builder,
    { ...withdraw, args: [zeroAddress, 0n] },
    "InvalidAmount()",
  );
  await net.act(net.builder, { ...withdraw, args: [zeroAddress, parseEther("1")] });
  assert.equal((await readFunds(net.network, net.builder.account.address)).engine, 0n);
});

testOnNetwork("money that is sent without a call is refused", async (net) => {
  await assert.rejects(net.wallet.client.call({
    account: net.builder.account.address,
    to: net.deployment.contracts.ComputeEngine,
    value: 5n,
  }));
});

testOnNetwork("pools are made once the ComputeEngine is known, one of each kind", async (net) => {
  const { account } = net.operator;
  const address = await net.wallet.deploy(account, "ComputeEngineTeePoolFactory");
  const abi = [
    {
      type: "function",
      name: "initialize",
      stateMutability: "nonpayable",
      inputs: [{ type: "address" }, { type: "uint80" }, { type: "uint80" }],
      outputs: [],
    },
    {
      type: "function",
      name: "createTeePool",
      stateMutability: "nonpayable",
      inputs: [{ type: "uint8" }, { type: "uint8" }],
      outputs: [],
    },
    {
      type: "function",
      name: "updateComputeEngine",
      stateMutability: "nonpayable",
      inputs: [{ type: "address" }],
      outputs: [],
    },
  ] as const;
  const factory = { abi, address } as const;
  await net.act(net.operator, {
    ...factory,
    functionName: "initialize",
    args: [account.address, 300n, 7200n],
  });
  const create = { ...factory, functionName: "createTeePool", args: [1, 1] } as const;
  await assertRefused(net, net.operator, create, "ComputeEngineNotSet()");
  await net.act(net.operator, {
    ...factory,
    functionName: "updateComputeEngine",
    args: [net.deployment.contracts.ComputeEngine],
  });
  await net.act(net.operator, create);
  await assertRefused(net, net.operator, create, "TeePoolAlreadyCreated()");
  const none = { ...create, args: [0, 1] } as const;
  await assertRefused(net, net.operator, none, "InvalidTeePoolParams()");
});
