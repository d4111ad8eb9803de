/**
 * What went wrong on the way to the chain, for people.
 *
 * @module
 */

import {
  BaseError,
  ContractFunctionRevertedError,
  ContractFunctionZeroDataError,
  HttpRequestError,
  InternalRpcError,
  ResponseBodyTooLargeError,
  RpcRequestError,
  TimeoutError,
} from "viem";
import { messageOf } from "../../../src/errors.ts";
import { networkReason } from "../../../src/network_reason.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import type { Rpc } from "./rpc.ts";
import { isLimited, isNotJson } from "./transport.ts";

/** A contract refused a call. */
export class RevertedError extends ToolError {
  /** The name of the contract's error; `undefined` if the interface has no such error. */
  readonly errorName?: string;
  /** The arguments of the contract's error. */
  readonly args: readonly unknown[];

  /** Makes the error. */
  constructor(
    message: string,
    { errorName, args = [] }: { errorName?: string; args?: readonly unknown[] } = {},
  ) {
    super(message);
    this.errorName = errorName;
    this.args = args;
  }
}

/** It isn't known, or not yet, whether a change happened. */
export class UncertainError extends ToolError {}

/** The RPC gave no answer: whatever was asked of it may or may not have happened. */
export class UnreachableError extends UncertainError {}

/** There is no contract at an address, or it has no function of that name. */
export class NoFunctionError extends ToolError {}

/**
 * Says what an error of viem's means. viem's own messages hold the RPC's whole URL, which may be a
 * credential; these hold its origin only.
 */
export function explain(error: unknown, rpc: Rpc): Error {
  if (error instanceof ToolError) return error;
  const it = `The RPC ${rpc.origin}`;
  const broken = findBroken(error);
  if (!(error instanceof BaseError) || broken !== undefined) {
    return new UnreachableError(
      `${it} gave an answer that isn't JSON-RPC (${
        rpc.clean(messageOf(broken ?? error))
      }); expected ` +
        "the URL of an Ethereum JSON-RPC endpoint",
    );
  }
  const answered = find(error, RpcRequestError);
  const reverted = find(error, ContractFunctionRevertedError);
  if (reverted !== undefined && !isInternal(answered)) return explainRevert(reverted);
  if (find(error, ContractFunctionZeroDataError) !== undefined) {
    return new NoFunctionError("The contract doesn't have the function that was called");
  }
  const failed = find(error, HttpRequestError) ?? find(error, TimeoutError);
  if (isLimited(error)) {
    const said = rpc.clean(answered?.details ?? failed?.details ?? "");
    const status = answered?.status ?? (failed as HttpRequestError | undefined)?.status;
    return explainLimit(it, said, status ?? answered?.code);
  }
  if (find(error, ResponseBodyTooLargeError) !== undefined) {
    return new ToolError(`${it} sent more than 10 MB`);
  }
  if (failed !== undefined) return new UnreachableError(`${it} ${rpc.clean(reasonOf(failed))}`);
  const said = answered?.details || error.details || error.shortMessage;
  return new ToolError(`${it} refused: ${rpc.clean(said)}`);
}

/** What was wrong with an answer that isn't JSON-RPC; viem reads answers without checking their types. */
function findBroken(error: unknown): unknown {
  if (!(error instanceof BaseError)) return undefined;
  // A request that fails on the network is a `TypeError` too.
  const unanswered = find(error, HttpRequestError) !== undefined;
  return error.walk((cause) => isNotJson(cause) || (!unanswered && cause instanceof TypeError)) ??
    undefined;
}

/** viem takes an RPC's internal error for a revert, which comes with data if it is one. */
function isInternal(answered: RpcRequestError | undefined): boolean {
  return answered?.code === InternalRpcError.code && answered.data === undefined;
}

/** The error of a class among an error and its causes. */
function find<T extends Error>(
  error: BaseError,
  type: abstract new (...args: never[]) => T,
): T | undefined {
  return (error.walk((cause) => cause instanceof type) ?? undefined) as T | undefined;
}

function explainRevert({ data, reason, signature }: ContractFunctionRevertedError): RevertedError {
  const said = data?.errorName ?? reason ?? signature ?? "without a reason";
  return new RevertedError(`The contract refuses the call: ${printable(said)}`, {
    errorName: data?.errorName,
    args: data?.args,
  });
}

function explainLimit(rpc: string, said: string, code: number | undefined): ToolError {
  const detail = said === "" ? `${code}` : `${code}: ${said}`;
  return new UnreachableError(
    code === 403
      ? `${rpc} refuses requests (HTTP ${detail}): there were too many, or its URL needs another key. ` +
        "Try again later, or use another RPC"
      : `${rpc} limits requests and still refused after several attempts (${detail}). Try again ` +
        "later, or use another RPC",
  );
}

function reasonOf(error: HttpRequestError | TimeoutError): string {
  if (error instanceof TimeoutError) return "doesn't answer in time";
  const { status, details } = error;
  if (status === undefined) return `can't be reached: ${networkReason(error)}`;
  return status >= 300 && status < 400
    ? `redirects to another URL (HTTP ${status}); expected the RPC's own URL`
    : `answers HTTP ${status}: ${details}`;
}
