/**
 * What an account has: in its wallet, and in the ComputeEngine, which pays for its queries.
 *
 * @module
 */

import { type Address, parseAbi, zeroAddress } from "viem";
import { RevertedError } from "../chain/errors.ts";
import { readContract } from "../chain/read.ts";
import { ToolError } from "../errors.ts";
import { computeEngine } from "./compute_engine.ts";
import type { Network } from "./network.ts";

/** The functions of an ERC-20 token. */
export const TOKEN_ABI = parseAbi([
  "function balanceOf(address account) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  // Some tokens return whether it worked, as the standard asks, and others nothing.
  "function approve(address spender, uint256 amount)",
  "function decimals() view returns (uint8)",
  "function symbol() view returns (string)",
]);

/** What a payment is made in: the chain's own money, or an ERC-20 token. */
export interface Currency {
  /** The token's contract; {@linkcode zeroAddress}: the chain's own money. */
  token: Address;
  /** Its name; of a token it can be any text, even that of another one. */
  symbol: string;
  /** How many decimals an amount has for people. */
  decimals: number;
}

/** What an account has, in the currency's smallest unit. */
export interface Funds {
  /** In the account itself. */
  wallet: bigint;
  /** In the ComputeEngine. */
  engine: bigint;
}

/**
 * Reads what is known of a currency.
 *
 * @throws {ToolError} There is no such token, or the RPC can't be asked.
 */
export async function readCurrency(network: Network, token: Address): Promise<Currency> {
  if (token === zeroAddress) return { token, ...network.chain.nativeCurrency };
  const called = { address: token, abi: TOKEN_ABI } as const;
  try {
    const [symbol, decimals] = await Promise.all([
      readContract(network, { ...called, functionName: "symbol" }, []),
      readContract(network, { ...called, functionName: "decimals" }, []),
    ]);
    return { token, symbol, decimals };
  } catch (error) {
    if (!(error instanceof RevertedError)) throw error;
    throw new ToolError(
      `The contract at ${token} on ${network.chain.name} isn't an ERC-20 token: it has no symbol and ` +
        "decimals; expected a token's address",
    );
  }
}

/**
 * Reads what an account has.
 *
 * @param token A token's contract; {@linkcode zeroAddress}: the chain's own money.
 * @throws {ToolError} There is no such token, or the RPC can't be asked.
 */
export async function readFunds(
  network: Network,
  account: Address,
  token: Address = zeroAddress,
): Promise<Funds> {
  const [wallet, engine] = await Promise.all([
    readWallet(network, account, token),
    readDeposit(network, account, token),
  ]);
  return { wallet, engine };
}

async function readWallet(network: Network, account: Address, token: Address): Promise<bigint> {
  if (token === zeroAddress) {
    return await network.ask((client) => client.getBalance({ address: account }));
  }
  const called = { address: token, abi: TOKEN_ABI, functionName: "balanceOf" } as const;
  return await readContract(network, called, [account]);
}

/**
 * Reads what an account has in the ComputeEngine.
 *
 * @param token A token's contract; {@linkcode zeroAddress}: the chain's own money.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readDeposit(
  network: Network,
  account: Address,
  token: Address = zeroAddress,
): Promise<bigint> {
  const called = { ...computeEngine(network), functionName: "balanceOf" } as const;
  return await readContract(network, called, [account, token]);
}
