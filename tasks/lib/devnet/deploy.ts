/**
 * Deploys the network's contracts on a chain of this machine.
 *
 * @module
 */

import { type Address, keccak256, parseAbi, parseEther, toHex } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Contracts } from "../network/contracts.ts";
import type { CodeName, LocalWallet } from "./wallet.ts";

/** By which the contracts are set up once they are deployed. */
const SETUP_ABI = parseAbi([
  "function initialize(address owner, address registry)",
  "function initialize(address owner, uint80 ephemeralTimeout, uint80 persistentTimeout)",
  "function initialize(address owner, address queryEngine, address teePoolFactory)",
  "function updateDlpPaymentPercentage(uint256 percentage)",
  "function updateVanaTreasury(address treasury)",
  "function updateInstructionRegistry(address registry)",
  "function updateComputeEngine(address computeEngine)",
  "function grantRole(bytes32 role, address account)",
  "function createTeePool(uint8 teePoolType, uint8 hardwareType)",
  "function teePools(uint8 teePoolType, uint8 hardwareType) view returns (address)",
]);

/** The registries of refiners, by what a refiner's last field is. */
const REFINER_REGISTRIES = {
  schemaId: "DataRefinerRegistry",
  none: "DataRefinerRegistryPlain",
  publicKey: "DataRefinerRegistryWithKeys",
} as const satisfies Record<string, CodeName>;

/** What a refiner's last field is: of the newest contract, the schema's id. */
export type RefinerLayout = keyof typeof REFINER_REGISTRIES;

/** The pools that the real network has, by type and hardware: there is no ephemeral one with GPUs. */
const POOLS = {
  ephemeral: [1, 1],
  persistent: [2, 1],
  persistentGpu: [2, 2],
  dedicated: [3, 1],
  dedicatedGpu: [3, 2],
} as const;

/** The name of a pool. */
export type PoolName = keyof typeof POOLS;

/** As on the real networks, in seconds. */
const EPHEMERAL_SECONDS = 300n;
const PERSISTENT_SECONDS = 7200n;
/** The DLP's share of a payment, in percent; the rest is the network's. */
const DLP_PERCENT = "80";

/** Who has which part in the network. */
export interface DeployOptions {
  /** Deploys the contracts and administers them. It gets the network's share of payments. */
  operator: PrivateKeyAccount;
  /** May request payments for queries. */
  queryEngine: Address;
  /**
   * What a refiner's last field is.
   *
   * @default "schemaId"
   */
  layout?: RefinerLayout;
}

/** Where the contracts are. */
export interface Deployment {
  /** The contracts that every task knows. */
  contracts: Contracts;
  /** Where the owners of DLPs are registered. */
  dlpRegistry: Address;
  /** The pools of TEEs, without any TEE. */
  pools: Record<PoolName, Address>;
}

/** Deploys the contracts and connects them with each other. */
export async function deployContracts(
  wallet: LocalWallet,
  { operator, queryEngine: queryEngineAccount, layout = "schemaId" }: DeployOptions,
): Promise<Deployment> {
  const owner = operator.address;
  const deploy = (name: CodeName) => wallet.deploy(operator, name);
  const setUp = { abi: SETUP_ABI } as const;

  const dlpRegistry = await deploy("DlpRegistry");
  const refinerRegistry = await deploy(REFINER_REGISTRIES[layout]);
  const instructionRegistry = await deploy("ComputeInstructionRegistry");
  for (const address of [refinerRegistry, instructionRegistry]) {
    const args = [owner, dlpRegistry] as const;
    await wallet.write(operator, { ...setUp, address, functionName: "initialize", args });
  }

  const queryEngine = await deploy("QueryEngine");
  await wallet.write(operator, {
    ...setUp,
    address: queryEngine,
    functionName: "initialize",
    args: [owner, refinerRegistry],
  });
  await wallet.write(operator, {
    ...setUp,
    address: queryEngine,
    functionName: "updateDlpPaymentPercentage",
    // A percentage has 18 decimals, like money.
    args: [parseEther(DLP_PERCENT)],
  });
  await wallet.write(operator, {
    ...setUp,
    address: queryEngine,
    functionName: "updateVanaTreasury",
    args: [owner],
  });

  const factory = await deploy("ComputeEngineTeePoolFactory");
  await wallet.write(operator, {
    ...setUp,
    address: factory,
    functionName: "initialize",
    args: [owner, EPHEMERAL_SECONDS, PERSISTENT_SECONDS],
  });
  const computeEngine = await deploy("ComputeEngine");
  await wallet.write(operator, {
    ...setUp,
    address: computeEngine,
    functionName: "initialize",
    args: [owner, queryEngine, factory],
  });
  await wallet.write(operator, {
    ...setUp,
    address: computeEngine,
    functionName: "updateInstructionRegistry",
    args: [instructionRegistry],
  });
  // Pools keep the ComputeEngine that the factory knows when they are made.
  for (const address of [queryEngine, factory]) {
    const args = [computeEngine] as const;
    await wallet.write(operator, { ...setUp, address, functionName: "updateComputeEngine", args });
  }
  await wallet.write(operator, {
    ...setUp,
    address: queryEngine,
    functionName: "grantRole",
    args: [keccak256(toHex("QUERY_ENGINE_ROLE")), queryEngineAccount],
  });
  return {
    contracts: {
      ComputeInstructionRegistry: instructionRegistry,
      DataRefinerRegistry: refinerRegistry,
      QueryEngine: queryEngine,
      ComputeEngine: computeEngine,
    },
    dlpRegistry,
    pools: await createPools(wallet, { operator, factory }),
  };
}

async function createPools(
  wallet: LocalWallet,
  { operator, factory: address }: { operator: PrivateKeyAccount; factory: Address },
): Promise<Record<PoolName, Address>> {
  const pools: [string, Address][] = [];
  for (const [name, args] of Object.entries(POOLS)) {
    const contract = { abi: SETUP_ABI, address } as const;
    await wallet.write(operator, { ...contract, functionName: "createTeePool", args });
    const pool = await wallet.client.readContract({ ...contract, functionName: "teePools", args });
    pools.push([name, pool]);
  }
  return Object.fromEntries(pools) as Record<PoolName, Address>;
}
