/** What the registries of refiners and of instructions do, and by which errors they refuse. */

import assert from "node:assert/strict";
import { INSTRUCTION_REGISTRY_ABI } from "../../../../tasks/lib/network/instruction_registry.ts";
import { isApproved } from "../../../../tasks/lib/network/instructions.ts";
import { OPERATION_ABI } from "../../../support/operation_abi.ts";
import { assertRefused } from "../../../support/refusals.ts";
import { type TestNetwork, testOnNetwork } from "../../../support/test_network.ts";

function refiners({ deployment }: TestNetwork) {
  return { abi: OPERATION_ABI, address: deployment.contracts.DataRefinerRegistry } as const;
}

function instructions({ deployment }: TestNetwork) {
  const address = deployment.contracts.ComputeInstructionRegistry;
  return { abi: INSTRUCTION_REGISTRY_ABI, address } as const;
}

testOnNetwork("only a DLP's owner adds refiners to it and changes their schema", async (net) => {
  const schema = await net.addSchema({ url: "https://example.com/schema.json" });
  const refiner = await net.addRefiner({ schema });
  for (
    const call of [
      { functionName: "addRefiner", args: [net.dlp, "Drive", "", ""] },
      { functionName: "addRefinerWithSchemaId", args: [net.dlp, "Drive", schema, ""] },
      { functionName: "updateSchemaId", args: [refiner, schema] },
    ] as const
  ) {
    await assertRefused(net, net.builder, { ...refiners(net), ...call }, "NotDlpOwner()");
  }
});

testOnNetwork("a refiner's schema must be registered", async (net) => {
  for (const schema of [0n, 1n]) {
    await assertRefused(net, net.owner, {
      ...refiners(net),
      functionName: "addRefinerWithSchemaId",
      args: [net.dlp, "Drive", schema, ""],
    }, "InvalidSchemaId(uint256)");
  }
});

testOnNetwork("anyone may register a schema, with any texts", async (net) => {
  await net.act(net.builder, {
    ...refiners(net),
    functionName: "addSchema",
    args: ["", "AVRO", "no URL"],
  });
  const count = { ...refiners(net), functionName: "schemasCount" } as const;
  assert.equal(await net.wallet.client.readContract(count), 1n);
});

testOnNetwork("only a DLP's owner approves instructions for it, and takes it back", async (net) => {
  const id = await net.addInstruction();
  const update = { ...instructions(net), functionName: "updateComputeInstruction" } as const;
  const approval = { ...update, args: [id, net.dlp, true] } as const;
  await assertRefused(net, net.builder, approval, "NotDlpOwner()");
  await net.act(net.owner, approval);
  assert.equal(await isApproved(net.network, { id, dlp: net.dlp }), true);
  assert.equal(await isApproved(net.network, { id, dlp: 8n }), false);
  await net.act(net.owner, { ...update, args: [id, net.dlp, false] });
  assert.equal(await isApproved(net.network, { id, dlp: net.dlp }), false);
});

testOnNetwork("an instruction must be registered to be approved", async (net) => {
  await assertRefused(net, net.owner, {
    ...instructions(net),
    functionName: "updateComputeInstruction",
    args: [1n, net.dlp, true],
  }, "ComputeInstructionNotFound(uint256)");
});

testOnNetwork("paused registries refuse changes", async (net) => {
  await net.pause("DataRefinerRegistry");
  await net.pause("ComputeInstructionRegistry");
  const schema = { ...refiners(net), functionName: "addSchema", args: ["", "", ""] } as const;
  await assertRefused(net, net.owner, schema, "EnforcedPause()");
  const hash = `0x${"5c".repeat(32)}` as const;
  const add = { ...instructions(net), functionName: "addComputeInstruction" } as const;
  await assertRefused(net, net.owner, { ...add, args: [hash, ""] }, "EnforcedPause()");
});

testOnNetwork("only who administers a contract pauses it", async (net) => {
  const pause = { ...refiners(net), functionName: "pause", args: [] } as const;
  const error = "AccessControlUnauthorizedAccount(address,bytes32)";
  await assertRefused(net, net.owner, pause, error);
});
