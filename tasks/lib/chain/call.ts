/**
 * A call of a contract's function, whichever contract it is.
 *
 * @module
 */

import {
  type Abi,
  type Address,
  type ContractFunctionArgs,
  type ContractFunctionName,
  encodeFunctionData,
  type Hex,
} from "viem";

/** The functions that change a contract's state. */
type Changing = "nonpayable" | "payable";

/** Why a contract refuses a call. */
export interface Refusal {
  /** The name of the contract's error; `undefined` if the interface has no such error. */
  errorName?: string;
  /** The arguments of the contract's error. */
  args: readonly unknown[];
  /** The account that makes the call. */
  account: Address;
}

/** A call that changes a contract's state. */
export interface ContractCall {
  /** The contract. */
  address: Address;
  /** What of its interface the call needs: the function, and the errors that it can end with. */
  abi: Abi;
  /** The function. */
  functionName: string;
  /** The function's arguments. */
  args: readonly unknown[];
  /** The money that goes with the call, in wei. */
  value: bigint;
  /** Says in words why the contract refuses the call; `undefined` where there are none. */
  explain: (refusal: Refusal) => string | undefined;
}

/** Makes a call whose function and arguments are checked against the interface by the compiler. */
export function contractCall<
  const A extends Abi,
  const F extends ContractFunctionName<A, Changing>,
>(
  { value = 0n, args, ...call }:
    & Pick<ContractCall, "address" | "explain">
    & { abi: A; functionName: F; args: ContractFunctionArgs<A, Changing, F>; value?: bigint },
): ContractCall {
  return { ...call, value, args: args as readonly unknown[] };
}

/** The call as the transaction's data. */
export function encodeCall({ abi, functionName, args }: ContractCall): Hex {
  return encodeFunctionData({ abi, functionName, args });
}
