/**
 * A local EVM with a registry of instructions on it, where nothing costs anything.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Address,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  parseAbi,
} from "viem";
import { vanaMoksha } from "viem/chains";
import { type Anvil, findAnvil, startAnvil } from "../../tasks/lib/devnet/anvil.ts";
import { LocalWallet, type OperatorClient } from "../../tasks/lib/devnet/wallet.ts";
import { CONTRACTS } from "../../tasks/lib/network/contracts.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../../tasks/lib/network/instruction_registry.ts";
import { ROOT } from "../../tasks/lib/project.ts";
import { newPerson, type Person } from "./people.ts";
import { canCompileContracts, compileContracts } from "./solidity.ts";

const SOURCES = join(ROOT, "tests/support/contracts");
const MONEY = 10n ** 18n;

/** How the contracts are set up. */
const SETUP_ABI = parseAbi([
  "function setDlp(uint256 dlpId, address owner, string name)",
  "function initialize(address owner, address dlpRegistry)",
  "function pause()",
  "function unpause()",
]);

/** Whether there are an EVM and a compiler here; they are fetched if they can be. */
export const canRunEvm: boolean = canCompileContracts && await hasAnvil();

async function hasAnvil(): Promise<boolean> {
  try {
    await findAnvil();
    return true;
  } catch {
    return false;
  }
}

let compiled: ReturnType<typeof compileContracts> | undefined;

/** A change that a test makes without any task. */
export type RegistryCall =
  | { functionName: "addComputeInstruction"; args: readonly [hash: Hex, url: string] }
  | {
    functionName: "updateComputeInstruction";
    args: readonly [instructionId: bigint, dlpId: bigint, approved: boolean];
  };

/** Options of {@linkcode LocalChain.start}. */
export interface ChainSetup {
  /**
   * The chain's id.
   *
   * @default Moksha's, 14800
   */
  chainId?: number;
  /**
   * Where the registry is.
   *
   * @default where the real one is
   */
  registry?: Address;
}

/** A local EVM that ends at the end of the `await using` block. */
export class LocalChain implements AsyncDisposable {
  /** The RPC's URL. */
  readonly url: string;
  /** Owns {@linkcode dlp}. */
  readonly owner: Person = newPerson();
  /** Owns no DLP. */
  readonly builder: Person = newPerson();
  /** Administers the registry. */
  readonly operator: Person = newPerson();
  /** A DLP's id. */
  readonly dlp = 7n;
  /** Where the registry is. */
  readonly registry: Address;
  /** For all that a node's operator can do. */
  readonly client: OperatorClient;
  readonly #anvil: Anvil;
  readonly #wallet: LocalWallet;

  private constructor(anvil: Anvil, { chainId, registry }: Required<ChainSetup>) {
    this.#anvil = anvil;
    this.url = anvil.url;
    this.registry = registry;
    this.#wallet = new LocalWallet(anvil.url, { ...vanaMoksha, id: chainId });
    this.client = this.#wallet.client;
  }

  /** Starts one, with a registry on it and money for its people. */
  static async start(
    { chainId = vanaMoksha.id, registry = CONTRACTS.moksha.ComputeInstructionRegistry }:
      ChainSetup = {},
  ): Promise<LocalChain> {
    const chain = new LocalChain(await startAnvil({ chainId }), { chainId, registry });
    await chain.#setUp();
    return chain;
  }

  async #setUp(): Promise<void> {
    const operator = this.operator.account;
    for (const account of [operator, this.owner.account, this.builder.account]) {
      await this.#wallet.fund(account.address, MONEY);
    }
    const dlps = await this.#wallet.deploy(operator, "DlpRegistry");
    const copy = await this.#wallet.deploy(operator, "ComputeInstructionRegistry");
    const bytecode = await this.client.getCode({ address: copy });
    await this.client.setCode({ address: this.registry, bytecode: bytecode! });
    await this.#wallet.write(operator, {
      abi: SETUP_ABI,
      address: this.registry,
      functionName: "initialize",
      args: [operator.address, dlps],
    });
    await this.#wallet.write(operator, {
      abi: SETUP_ABI,
      address: dlps,
      functionName: "setDlp",
      args: [this.dlp, this.owner.account.address, "DLP 7"],
    });
  }

  /** Puts the contract that makes many calls in one where the real chain has it. */
  async addMulticall(): Promise<void> {
    await this.addContract("Multicall3", vanaMoksha.contracts.multicall3.address);
  }

  /** Puts a contract of the tests at an address. */
  async addContract(name: string, address: Address): Promise<void> {
    const bytecode = (await (compiled ??= compileContracts(SOURCES))).get(name)!.deployed;
    await this.client.setCode({ address, bytecode });
  }

  /** Registers an instruction without any task, and returns its id. */
  async add({ sha256, url }: { sha256: string; url: string }): Promise<bigint> {
    await this.write(this.builder, {
      functionName: "addComputeInstruction",
      args: [`0x${sha256}`, url],
    });
    return await this.count();
  }

  /** Approves an instruction without any task. */
  async approve(id: bigint): Promise<void> {
    const args = [id, this.dlp, true] as const;
    await this.write(this.owner, { functionName: "updateComputeInstruction", args });
  }

  /** How many instructions there are. */
  async count(): Promise<bigint> {
    const contract = { address: this.registry, abi: INSTRUCTION_REGISTRY_ABI } as const;
    return await this.client.readContract({ ...contract, functionName: "instructionsCount" });
  }

  /** Whether an instruction is approved for {@linkcode dlp}. */
  async isApproved(id: bigint): Promise<boolean> {
    const contract = { address: this.registry, abi: INSTRUCTION_REGISTRY_ABI } as const;
    const args = [id, this.dlp] as const;
    return await this.client.readContract({ ...contract, functionName: "isApproved", args });
  }

  /** How many transactions a person has had mined. */
  async sentBy({ account }: Person): Promise<number> {
    return await this.client.getTransactionCount({ address: account.address });
  }

  /**
   * Stops or resumes all changes of the registry.
   *
   * @param tip What is paid to be mined before others, in wei for a unit of gas.
   */
  async setPaused(paused: boolean, { tip }: { tip?: bigint } = {}): Promise<void> {
    const functionName = paused ? "pause" : "unpause";
    const data = encodeFunctionData({ abi: SETUP_ABI, functionName });
    const { account } = this.operator;
    const chain = this.client.chain;
    const wallet = createWalletClient({ account, chain, transport: http(this.url) });
    const to = this.registry;
    const hash = await wallet.sendTransaction({ to, data, maxPriorityFeePerGas: tip });
    await this.client.waitForTransactionReceipt({ hash });
  }

  /** Lets no transaction be mined any more, until `client.mine`. */
  async stopMining(): Promise<void> {
    await this.client.setAutomine(false);
  }

  /** Sends a change and waits for it. */
  async write({ account }: Person, call: RegistryCall): Promise<void> {
    const contract = { address: this.registry, abi: INSTRUCTION_REGISTRY_ABI } as const;
    await this.#wallet.write(account, { ...contract, ...call });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#anvil[Symbol.asyncDispose]();
  }
}
