/** What is read of refiners, in the three layouts that the contract has had. */

import assert from "node:assert/strict";
import { encodeAbiParameters, parseAbiParameters, toFunctionSelector } from "viem";
import type { RefinerLayout } from "../../../../tasks/lib/devnet/deploy.ts";
import { openNetwork } from "../../../../tasks/lib/network/network.ts";
import { readRefiner } from "../../../../tasks/lib/network/refiners.ts";
import { FaultyRpc } from "../../../support/faulty_rpc.ts";
import { OPERATION_ABI } from "../../../support/operation_abi.ts";
import { testOnNetwork } from "../../../support/test_network.ts";

const URL = "https://example.com/drive.json";

for (const layout of ["schemaId", "none", "publicKey"] satisfies RefinerLayout[]) {
  testOnNetwork(
    `a refiner without a registered schema is read where the layout ends with ${layout}`,
    async (net) => {
      const id = await net.addRefiner({ name: "Drive", url: URL });
      assert.deepEqual(await readRefiner(net.network, id), {
        id: 1n,
        dlp: net.dlp,
        owner: net.owner.account.address,
        name: "Drive",
        schemaUrl: URL,
        instructionUrl: "https://example.com/refiner.tar.gz",
        schema: undefined,
      });
    },
    { layout },
  );

  testOnNetwork(`an unknown refiner is named where the layout ends with ${layout}`, async (net) => {
    await net.addRefiner();
    await assert.rejects(
      readRefiner(net.network, 9n),
      /There is no refiner 9 in the DataRefinerRegistry 0x\w+ on Vana Moksha Testnet, which has 1;/,
    );
  }, { layout });
}

testOnNetwork("a refiner's registered schema gives its URL, name and dialect", async (net) => {
  await net.addSchema({ name: "Other", url: "https://example.com/other.json" });
  const schema = await net.addSchema({ name: "Spotify", dialect: "JSON", url: URL });
  const id = await net.addRefiner({ name: "Drive", schema });
  const refiner = await readRefiner(net.network, id);
  assert.equal(refiner.schemaUrl, URL);
  assert.deepEqual(refiner.schema, { id: 2n, name: "Spotify", dialect: "JSON" });
});

testOnNetwork(
  "a refiner's schema is read again each time, as its owner can change it",
  async (net) => {
    const first = await net.addSchema({ url: "https://example.com/1.json" });
    const second = await net.addSchema({ url: "https://example.com/2.json" });
    const id = await net.addRefiner({ schema: first });
    await net.act(net.owner, {
      abi: OPERATION_ABI,
      address: net.deployment.contracts.DataRefinerRegistry,
      functionName: "updateSchemaId",
      args: [id, second],
    });
    const { schemaUrl, schema } = await readRefiner(net.network, id);
    assert.deepEqual([schemaUrl, schema?.id], ["https://example.com/2.json", 2n]);
  },
);

testOnNetwork("the length of a refiner's name doesn't pass for the id of a schema", async (net) => {
  const schema = await net.addSchema({ name: "Other", url: "https://example.com/other.json" });
  await net.addRefiner({ schema });
  // As the older layout has it: behind the fields comes the name, which begins with its length, 1.
  const reply = encodeAbiParameters(
    parseAbiParameters("(uint256, address, string, string, string)"),
    [[net.dlp, net.owner.account.address, "D", URL, ""]],
  );
  const selector = toFunctionSelector("function refiners(uint256)");
  await using rpc = new FaultyRpc(net.url, ({ method, params }) => {
    const { data } = (params?.[0] ?? {}) as { data?: string };
    if (method !== "eth_call" || !data?.startsWith(selector)) return undefined;
    return Response.json({ jsonrpc: "2.0", id: 1, result: reply });
  });
  const { contracts } = net.deployment;
  const network = openNetwork({ network: "moksha", rpc: rpc.url, contracts });
  const { name, schemaUrl, schema: registered } = await readRefiner(network, 1n);
  assert.deepEqual([name, schemaUrl, registered], ["D", URL, undefined]);
  assert.equal(rpc.faults, 1);
});
