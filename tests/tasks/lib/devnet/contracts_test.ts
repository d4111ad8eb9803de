/** The contracts' code is what their source says, and has what the tasks call. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type Abi, type AbiFunction, type AbiParameter, toFunctionSelector } from "viem";
import bytecode from "../../../../tasks/lib/devnet/contracts/bytecode.json" with { type: "json" };
import { COMPUTE_ENGINE_ABI } from "../../../../tasks/lib/network/compute_engine.ts";
import { TOKEN_ABI } from "../../../../tasks/lib/network/funds.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../../../../tasks/lib/network/instruction_registry.ts";
import { QUERY_ENGINE_ABI } from "../../../../tasks/lib/network/query_engine.ts";
import { REFINER_REGISTRY_ABI } from "../../../../tasks/lib/network/refiner_registry.ts";
import { TEE_POOL_ABI, TEE_POOL_FACTORY_ABI } from "../../../../tasks/lib/network/tee_pools.ts";
import { ROOT } from "../../../../tasks/lib/project.ts";
import { canCompileContracts, compileContracts } from "../../../support/solidity.ts";

const FOLDER = join(ROOT, "tasks/lib/devnet/contracts");
const ignore = !canCompileContracts;

Deno.test({
  name: "the contracts' code is what the compiler makes of their source",
  ignore,
  async fn() {
    const compiled = await compileContracts(FOLDER);
    assert.deepEqual(Object.keys(bytecode), [...compiled.keys()]);
    for (const [name, code] of Object.entries(bytecode)) {
      assert.ok(
        code === compiled.get(name)?.bytecode,
        `${name}: run tests/support/write_bytecode.ts`,
      );
    }
  },
});

/** Functions by their selectors, with the types of what they return. */
function functionsOf(abi: Abi): Map<string, string> {
  const functions = abi.filter((item): item is AbiFunction => item.type === "function");
  return new Map(functions.map((one) => [toFunctionSelector(one), typesOf(one.outputs)]));
}

function typesOf(parameters: readonly AbiParameter[]): string {
  const types = parameters.map((parameter) =>
    "components" in parameter
      ? `${typesOf(parameter.components)}${parameter.type.replace("tuple", "")}`
      : parameter.type
  );
  return `(${types})`;
}

const INTERFACES: Record<string, Abi> = {
  ComputeEngine: COMPUTE_ENGINE_ABI,
  ComputeEngineTeePool: TEE_POOL_ABI,
  ComputeEngineTeePoolFactory: TEE_POOL_FACTORY_ABI,
  ComputeInstructionRegistry: INSTRUCTION_REGISTRY_ABI,
  DataRefinerRegistry: REFINER_REGISTRY_ABI,
  QueryEngine: QUERY_ENGINE_ABI,
  TestToken: TOKEN_ABI,
};

for (const [name, abi] of Object.entries(INTERFACES)) {
  Deno.test({
    name: `${name} has the functions that the tasks call`,
    ignore,
    async fn() {
      const has = functionsOf((await compileContracts(FOLDER)).get(name)!.abi);
      for (const [selector, outputs] of functionsOf(abi)) {
        // Of a function whose answer isn't used, no answer is declared.
        const expected = outputs === "()" && has.has(selector) ? has.get(selector) : outputs;
        assert.equal(has.get(selector), expected, selector);
      }
    },
  });
}

/** The selectors and topics of the contracts on the real networks. */
const REAL: Record<string, string> = {
  submitJob: "0xe158711b",
  jobs: "0x180aedf3",
  deposit: "0x47e7ef24",
  balanceOf: "0xf7888aec",
  resubmitJob: "0x9c14b149",
  cancelJob: "0x1dffa3dc",
  tees: "0x961884aa",
  getTeePoolAddress: "0x0395ae9b",
  getPermissions: "0x4913162d",
  refiners: "0x9b996b00",
  schemas: "0x1ab9511a",
};

for (const [name, selector] of Object.entries(REAL)) {
  Deno.test(`${name} has the selector that it has on the real networks`, () => {
    const abi = [
      ...COMPUTE_ENGINE_ABI,
      ...TEE_POOL_ABI,
      ...TEE_POOL_FACTORY_ABI,
      ...QUERY_ENGINE_ABI,
      ...REFINER_REGISTRY_ABI,
    ];
    const found = abi.find((item) => item.type === "function" && item.name === name);
    assert.equal(toFunctionSelector(found as AbiFunction), selector);
  });
}
