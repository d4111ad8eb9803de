/**
 * The contract ComputeEngine, as far as it is used here.
 *
 * @module
 */

import { type Address, parseAbi } from "viem";
import type { Refusal } from "../chain/call.ts";
import type { Network } from "./network.ts";

/** Its functions, events and errors; `EnforcedPause` is OpenZeppelin's. */
export const COMPUTE_ENGINE_ABI = parseAbi([
  "struct Job { address ownerAddress; uint80 maxTimeout; bool gpuRequired; uint8 status; address teeAddress; uint32 computeInstructionId; uint48 addedTimestamp; string statusMessage; address teePoolAddress; }",
  "function submitJob(uint80 maxTimeout, bool gpuRequired, uint256 computeInstructionId) payable",
  "function resubmitJob(uint256 jobId)",
  "function cancelJob(uint256 jobId)",
  "function jobs(uint256 jobId) view returns (Job)",
  "function jobsCount() view returns (uint256)",
  "function deposit(address token, uint256 amount) payable",
  "function withdraw(address token, uint256 amount)",
  "function balanceOf(address account, address token) view returns (uint256)",
  "function paymentInfo(uint256 jobId, uint256 dlpId, address token) view returns (uint256)",
  "function teePoolFactory() view returns (address)",
  "event JobRegistered(uint256 indexed jobId, address indexed ownerAddress)",
  "event TeeAssignmentSucceeded(uint256 indexed jobId, address indexed teePoolAddress, address teeAddress)",
  "event TeeAssignmentFailed(uint256 indexed jobId, bytes reason)",
  "event JobStatusUpdated(uint256 indexed jobId, uint8 status, string statusMessage)",
  "event JobCanceled(uint256 indexed jobId)",
  "event PaymentExecuted(uint256 indexed jobId, address indexed token, uint256 amount)",
  "event Deposit(address indexed account, address indexed token, uint256 amount)",
  "event Withdraw(address indexed account, address indexed token, uint256 amount)",
  "error InstructionNotFound(uint256 computeInstructionId)",
  "error InsufficientBalance()",
  "error InvalidVanaAmount()",
  "error InvalidAmount()",
  "error UnexpectedVanaDeposit()",
  "error NotJobOwner()",
  "error JobLifeCycleEnded()",
  "error JobNotFound(uint256 jobId)",
  "error TeeAlreadyAssigned(uint256 jobId)",
  "error OnlyRegisteredJobStatus()",
  "error FailedToAssignTee()",
  "error EnforcedPause()",
]);

/** The contract of a network: address and interface. */
export function computeEngine(
  { contracts }: Network,
): { address: Address; abi: typeof COMPUTE_ENGINE_ABI } {
  return { address: contracts.ComputeEngine, abi: COMPUTE_ENGINE_ABI };
}

/** Says in words why the contract refuses a call; `undefined` for errors that aren't its own. */
export function explainComputeEngine(
  { errorName, args, account }: Refusal,
): string | undefined {
  switch (errorName) {
    case "InstructionNotFound":
      return `There is no instruction ${args[0]}`;
    case "InsufficientBalance":
      return `The account ${account} has a smaller balance in the ComputeEngine`;
    case "InvalidAmount":
      return "The ComputeEngine accepts no deposit or withdrawal of 0";
    case "InvalidVanaAmount":
    case "UnexpectedVanaDeposit":
      return "The money sent isn't the deposit's amount";
    case "NotJobOwner":
      return `The account ${account} isn't the owner of the job; only its owner may cancel it`;
    case "JobLifeCycleEnded":
      return "The job has ended already";
    case "JobNotFound":
      return `There is no job ${args[0]}`;
    case "TeeAlreadyAssigned":
      return `Job ${args[0]} has a TEE already`;
    case "OnlyRegisteredJobStatus":
      return "The job doesn't wait for a TEE";
    case "FailedToAssignTee":
      return "No TEE takes the job now. Try again later";
    case "EnforcedPause":
      return "The ComputeEngine is paused: its operators have stopped all changes for now. Try again later";
    default:
      return undefined;
  }
}
