/**
 * A local EVM with a registry on it, where nothing costs anything.
 *
 * The EVM (anvil) and the Solidity compiler come from npm by a lock file of their own: in `deno.lock`
 * they would be downloaded by every task.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Address,
  type Chain,
  createTestClient,
  createWalletClient,
  encodeFunctionData,
  type Hex,
  http,
  type HttpTransport,
  parseAbi,
  type PrivateKeyAccount,
  type PublicActions,
  publicActions,
  type TestClient,
} from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { vanaMoksha } from "viem/chains";
import { isFile } from "../../src/files.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { CONTRACTS } from "../../tasks/lib/network/contracts.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../../tasks/lib/network/instruction_registry.ts";
import { CACHE, ROOT } from "../../tasks/lib/project.ts";
import { withLock } from "./lock.ts";

const SOURCE = join(ROOT, "tests/support/contracts");
const CONTRACT = "ComputeInstructionRegistry";
const FOLDER = join(CACHE, "evm");
const ANVIL = join(FOLDER, "node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil");
const COMPILER = join(FOLDER, "node_modules/solc/solc.js");

/** What a test's contract has and the real one hasn't. */
const TEST_ABI = parseAbi([
  "function setDlpOwner(uint256 dlpId, address owner)",
  "function setPaused(bool paused)",
]);

/** Whether there is a local EVM here; it is fetched if it can be. */
export const canRunEvm: boolean = await withLock("evm", async () => {
  if (Deno.build.os !== "linux" || Deno.build.arch !== "x86_64") return false;
  try {
    await install();
    return true;
  } catch {
    return false;
  }
});

async function install(): Promise<void> {
  const installed = join(FOLDER, "package-lock.json");
  const wanted = join(SOURCE, "package-lock.json");
  if (isFile(ANVIL) && isFile(COMPILER) && hashFile(installed) === hashFile(wanted)) return;
  Deno.mkdirSync(FOLDER, { recursive: true });
  Deno.copyFileSync(join(SOURCE, "package.json"), join(FOLDER, "package.json"));
  Deno.copyFileSync(wanted, installed);
  await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

/** A contract's code as it is on-chain, compiled once for a state of its source. */
async function compiledContract(name: string): Promise<Hex> {
  const source = join(SOURCE, `${name}.sol`);
  const path = join(FOLDER, `${hashFile(source)}.hex`);
  return await withLock("evm", async () => {
    if (!isFile(path)) Deno.writeTextFileSync(path, await compileContract(name, source));
    return Deno.readTextFileSync(path) as Hex;
  });
}

async function compileContract(name: string, source: string): Promise<string> {
  const input = {
    language: "Solidity",
    sources: { [name]: { content: Deno.readTextFileSync(source) } },
    settings: { outputSelection: { "*": { "*": ["evm.deployedBytecode.object"] } } },
  };
  const said = await run("node", [COMPILER, "--standard-json"], JSON.stringify(input));
  // The compiler writes a line about SMT solvers first.
  const { contracts, errors } = JSON.parse(said.slice(said.indexOf("{")));
  const compiled = contracts?.[name]?.[name]?.evm.deployedBytecode.object;
  if (compiled === undefined) throw new Error(`The contract doesn't compile: ${said}`);
  if (errors !== undefined) throw new Error(errors[0].formattedMessage);
  return `0x${compiled}`;
}

async function run(program: string, args: string[], input = ""): Promise<string> {
  const child = new Deno.Command(program, {
    args,
    cwd: FOLDER,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Somebody with a key. */
export interface Person {
  /** The key. */
  key: Hex;
  /** The key's account. */
  account: PrivateKeyAccount;
}

/** Makes a person whom nobody knows. */
export function newPerson(): Person {
  const key = generatePrivateKey();
  return { key, account: privateKeyToAccount(key) };
}

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
  /** A DLP's id. */
  readonly dlp = 7n;
  /** Where the registry is. */
  readonly registry: Address;
  /** For all that a node's operator can do. */
  readonly client: TestClient<"anvil", HttpTransport, Chain> & PublicActions<HttpTransport, Chain>;
  readonly #process: Deno.ChildProcess;
  readonly #output: Promise<void>;
  readonly #chain: Chain;

  private constructor(
    { process, output, url, chainId, registry }: {
      process: Deno.ChildProcess;
      output: Promise<void>;
      url: string;
      chainId: number;
      registry: Address;
    },
  ) {
    this.#process = process;
    this.#output = output;
    this.#chain = { ...vanaMoksha, id: chainId };
    this.url = url;
    this.registry = registry;
    this.client = createTestClient({
      mode: "anvil",
      chain: this.#chain,
      transport: http(url),
      pollingInterval: 50,
    }).extend(publicActions);
  }

  /** Starts one, with a registry on it and money for its people. */
  static async start(
    { chainId = vanaMoksha.id, registry = CONTRACTS.moksha.ComputeInstructionRegistry }:
      ChainSetup = {},
  ): Promise<LocalChain> {
    const code = await compiledContract(CONTRACT);
    const options = ["--host", "127.0.0.1", "--port", "0", "--chain-id", `${chainId}`];
    const process = new Deno.Command(ANVIL, {
      args: [...options, "--accounts", "1"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const { address, output } = await readAddress(process);
    const chain = new LocalChain({ process, output, url: `http://${address}`, chainId, registry });
    await chain.client.setCode({ address: registry, bytecode: code });
    for (const { account } of [chain.owner, chain.builder]) {
      await chain.client.setBalance({ address: account.address, value: 10n ** 18n });
    }
    const data = encodeFunctionData({
      abi: TEST_ABI,
      functionName: "setDlpOwner",
      args: [chain.dlp, chain.owner.account.address],
    });
    await chain.#send(chain.builder, data);
    return chain;
  }

  /** Puts the contract that makes many calls in one where the real chain has it. */
  async addMulticall(): Promise<void> {
    await this.addContract("Multicall3", vanaMoksha.contracts.multicall3.address);
  }

  /** Puts a contract of the tests at an address. */
  async addContract(name: string, address: Address): Promise<void> {
    await this.client.setCode({ address, bytecode: await compiledContract(name) });
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
    const call = { abi: TEST_ABI, functionName: "setPaused", args: [paused] } as const;
    await this.#send(this.builder, encodeFunctionData(call), tip);
  }

  /** Lets no transaction be mined any more, until `client.mine`. */
  async stopMining(): Promise<void> {
    await this.client.setAutomine(false);
  }

  /** Sends a change and waits for it. */
  async write(person: Person, call: RegistryCall): Promise<void> {
    await this.#send(person, encodeFunctionData({ abi: INSTRUCTION_REGISTRY_ABI, ...call }));
  }

  async #send({ account }: Person, data: Hex, tip?: bigint): Promise<void> {
    const wallet = createWalletClient({ account, chain: this.#chain, transport: http(this.url) });
    const to = this.registry;
    const hash = await wallet.sendTransaction({ to, data, maxPriorityFeePerGas: tip });
    await this.client.waitForTransactionReceipt({ hash });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await Promise.all([this.#process.status, this.#output]);
  }
}

/** Reads up to where anvil says where it listens, and on: it must not wait for a reader. */
async function readAddress(
  { stdout }: Deno.ChildProcess,
): Promise<{ address: string; output: Promise<void> }> {
  let said = "";
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`anvil ended: ${said}`);
    said += value;
    const [, address] = /Listening on (\S+)/.exec(said) ?? [];
    if (address !== undefined) return { address, output: drain(reader) };
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
