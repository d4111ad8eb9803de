/**
 * The chain of a network on this machine, with its contracts and people.
 *
 * @module
 */

import { join } from "node:path";
import { type Address, type Chain, type Hex, parseAbi, parseEther } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { isFile } from "../../../src/files.ts";
import { DEVNET } from "../chain/networks.ts";
import { ToolError } from "../errors.ts";
import { type Network, openNetwork } from "../network/network.ts";
import { startAnvil } from "./anvil.ts";
import { deployContracts } from "./deploy.ts";
import { type Devnet, readDevnetFile, writeDevnetFile } from "./devnet_file.ts";
import { LocalWallet } from "./wallet.ts";

/** The DLP of a devnet. */
export const DEVNET_DLP = 1n;

/** Everyone's money at the start. */
const MONEY = parseEther("1000");

const DLP_ABI = parseAbi(["function setDlp(uint256 dlpId, address owner, string name)"]);

/** The parts that people have, each with a key of its own. */
const PARTS = ["operator", "owner", "builder", "tee", "queryEngine"] as const;

/** The keys of a devnet's people. */
export type DevnetKeys = Readonly<Record<typeof PARTS[number], Hex>>;

/** Options of {@linkcode startDevnetChain}. */
export interface DevnetChainOptions {
  /**
   * The port of the RPC.
   *
   * @default a free one
   */
  port?: number;
  /**
   * A folder in which the chain is kept for the next start.
   *
   * @default none
   */
  state?: string;
}

/** The keys that the engines of a devnet need. */
export type EngineKeys = Pick<DevnetKeys, "tee" | "queryEngine">;

/** A chain on this machine. */
export interface LocalChain<K extends EngineKeys = EngineKeys> {
  /** What tasks need to find it. */
  readonly devnet: Devnet & { keys: K };
  /** For all that is read. */
  readonly network: Network;
  /** Sends transactions, and does all that a node's operator can. */
  readonly wallet: LocalWallet;
}

/** A chain that was started here. It stops at the end of an `await using` block. */
export interface DevnetChain extends LocalChain<DevnetKeys>, AsyncDisposable {}

/**
 * Uses a chain that runs already, with contracts that others have deployed there.
 *
 * @throws {ToolError} A key that the engines need is missing.
 */
export function openChain(devnet: Devnet): LocalChain {
  const { rpc, chainId, contracts, keys: { tee, queryEngine, ...others } } = devnet;
  if (tee === undefined || queryEngine === undefined) {
    throw new ToolError(
      "The chain's file has no keys for the engines; expected keys.tee and keys.queryEngine",
    );
  }
  return {
    devnet: { ...devnet, keys: { ...others, tee, queryEngine } },
    network: openNetwork({ network: "devnet", rpc, chainId, contracts }),
    wallet: new LocalWallet(rpc, { ...DEVNET, id: chainId }),
  };
}

/**
 * Starts a chain, with the contracts and people that its folder has, or with new ones.
 *
 * @throws {ToolError} The EVM isn't available or doesn't start, or the folder holds something else.
 */
export async function startDevnetChain(
  { port, state }: DevnetChainOptions = {},
): Promise<DevnetChain> {
  const chain: Chain = DEVNET;
  if (state !== undefined) Deno.mkdirSync(state, { recursive: true });
  const kept = state === undefined ? undefined : join(state, "devnet.json");
  const file = state === undefined ? undefined : join(state, "chain.json");
  const anvil = await startAnvil({ chainId: chain.id, port, state: file });
  try {
    const wallet = new LocalWallet(anvil.url, chain);
    const before = kept !== undefined && isFile(kept) ? readDevnetFile(kept) : undefined;
    const isKept = before !== undefined && await isThere(wallet, before.contracts.ComputeEngine);
    const devnet = isKept
      ? { ...before, rpc: anvil.url, keys: before.keys as DevnetKeys }
      : await setUp(wallet, { rpc: anvil.url, chainId: chain.id });
    if (kept !== undefined) writeDevnetFile(kept, devnet);
    const { rpc, chainId, contracts } = devnet;
    return {
      devnet,
      wallet,
      network: openNetwork({ network: "devnet", rpc, chainId, contracts }),
      [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
    };
  } catch (error) {
    await anvil[Symbol.asyncDispose]();
    throw error;
  }
}

/** A chain that was stopped hard has lost what its folder's other file still names. */
async function isThere({ client }: LocalWallet, address: Address): Promise<boolean> {
  return await client.getCode({ address }) !== undefined;
}

async function setUp(
  wallet: LocalWallet,
  at: Pick<Devnet, "rpc" | "chainId">,
): Promise<DevnetChain["devnet"]> {
  const keys = Object.fromEntries(
    PARTS.map((part) => [part, generatePrivateKey()]),
  ) as DevnetKeys;
  for (const part of PARTS) await wallet.fund(privateKeyToAccount(keys[part]).address, MONEY);
  const operator = privateKeyToAccount(keys.operator);
  const { contracts, dlpRegistry } = await deployContracts(wallet, {
    operator,
    queryEngine: privateKeyToAccount(keys.queryEngine).address,
  });
  await wallet.write(operator, {
    abi: DLP_ABI,
    address: dlpRegistry,
    functionName: "setDlp",
    args: [DEVNET_DLP, privateKeyToAccount(keys.owner).address, "A DLP on this machine"],
  });
  return { ...at, contracts, keys };
}
