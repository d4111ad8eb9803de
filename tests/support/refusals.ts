/**
 * By which error a contract refuses a call.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type Abi,
  BaseError,
  type ContractFunctionName,
  encodeFunctionData,
  toFunctionSelector,
} from "viem";
import type { Write } from "../../tasks/lib/devnet/wallet.ts";
import type { Person } from "./people.ts";
import type { TestNetwork } from "./test_network.ts";

/**
 * Asserts that a contract refuses a call, and by which error.
 *
 * @param error The error's name and types, like `JobNotFound(uint256)`.
 */
export async function assertRefused<
  const A extends Abi,
  const F extends ContractFunctionName<A, "nonpayable" | "payable">,
>(
  { wallet }: TestNetwork,
  { account }: Person,
  { address, value = 0n, ...call }: Write<A, F>,
  error: string,
): Promise<void> {
  // viem's own types can't be followed for an interface that isn't known yet.
  const data = encodeFunctionData(call as never);
  let selector: string | undefined;
  try {
    await wallet.client.call({ account: account.address, to: address, data, value });
  } catch (refused) {
    assert.ok(refused instanceof BaseError, `${refused}`);
    const cause = refused.walk((one) => typeof (one as { data?: unknown }).data === "string");
    selector = (cause as { data?: string } | null)?.data?.slice(0, 10);
  }
  assert.equal(selector, toFunctionSelector(`function ${error}`), `expected ${error}`);
}
