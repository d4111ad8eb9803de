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
  RpcRequestError,
  TimeoutError,
} from "viem";
import { networkReason } from "../../../src/network_reason.ts";
import { ToolError } from "../errors.ts";
import type { Rpc } from "./rpc.ts";

/** The contract refused a call. */
export class RevertedError extends ToolError {
  /** The name of the contract's error, if it is a known one. */
  readonly errorName?: string;

  /** Makes the error. */
  constructor(message: string, errorName?: string) {
    super(message);
    this.errorName = errorName;
  }
}

/** The RPC couldn't be asked, or gave no answer: whatever was asked of it may or may not have happened. */
export class UnreachableError extends ToolError {}

/**
 * Says what an error of viem's means. viem's own messages hold the RPC's whole URL, which may be a
 * credential; these hold its host only.
 */
export function explain(error: unknown, rpc: Rpc): Error {
  if (!(error instanceof BaseError)) return error instanceof Error ? error : new Error(`${error}`);
  const reverted = find(error, ContractFunctionRevertedError);
  if (reverted !== undefined) return explainRevert(reverted);
  if (find(error, ContractFunctionZeroDataError) !== undefined) {
    return new ToolError(
      "The contract has no such function; is --registry the ComputeInstructionRegistry?",
    );
  }
  const unreachable = find(error, HttpRequestError) ?? find(error, TimeoutError);
  if (unreachable !== undefined) {
    return new UnreachableError(`The RPC ${rpc.host} ${rpc.redact(reasonOf(unreachable))}`);
  }
  const answered = find(error, RpcRequestError);
  const said = answered?.details ?? error.shortMessage;
  return new ToolError(`The RPC ${rpc.host} refused: ${rpc.redact(said)}`);
}

/** The error of a class among an error and its causes. */
function find<T extends Error>(
  error: BaseError,
  type: abstract new (...args: never[]) => T,
): T | undefined {
  return (error.walk((cause) => cause instanceof type) ?? undefined) as T | undefined;
}

function explainRevert({ data, reason, signature }: ContractFunctionRevertedError): ToolError {
  switch (data?.errorName) {
    case "NotDlpOwner":
      return new RevertedError("The account isn't the owner of the DLP", data.errorName);
    case "ComputeInstructionNotFound":
      return new RevertedError(`There is no instruction ${data.args?.[0]}`, data.errorName);
    case "EnforcedPause":
      return new RevertedError(
        "The registry is paused: its operators stopped all changes for now. Try again later",
        data.errorName,
      );
  }
  const said = reason ?? signature ?? "without a reason";
  return new RevertedError(`The contract refuses the call: ${said}`);
}

function reasonOf(error: HttpRequestError | TimeoutError): string {
  if (error instanceof TimeoutError) return "doesn't answer in time";
  if (error.status !== undefined) return `answers HTTP ${error.status}: ${error.details}`;
  return `can't be reached: ${networkReason(error)}`;
}
