/**
 * The contract QueryEngine, as far as it is used here.
 *
 * @module
 */

import { type Address, parseAbi } from "viem";
import type { Refusal } from "../chain/call.ts";
import type { Network } from "./network.ts";

/**
 * Its functions, events and errors; `EnforcedPause` is OpenZeppelin's. In the structs the price comes before
 * the token, in the events and functions behind it.
 */
export const QUERY_ENGINE_ABI = parseAbi([
  "struct Permission { address grantee; bool approved; uint256 refinerId; string tableName; string columnName; uint256 price; address tokenAddress; }",
  "struct PermissionInfo { uint256 permissionId; address grantee; bool approved; uint256 refinerId; string tableName; string columnName; uint256 price; address tokenAddress; }",
  "function getPermissions(uint256 refinerId, address grantee) view returns (PermissionInfo[])",
  "function permissions(uint256 permissionId) view returns (Permission)",
  "function permissionsCount() view returns (uint256)",
  "function addPermission(address grantee, uint256 refinerId, string tableName, string columnName, address tokenAddress, uint256 price) returns (uint256 permissionId)",
  "function updatePermissionApproval(uint256 permissionId, bool approved)",
  "event PermissionAdded(uint256 indexed permissionId, address indexed grantee, uint256 indexed refinerId, string tableName, string columnName, address tokenAddress, uint256 price)",
  "event PermissionApprovalUpdated(uint256 indexed permissionId, bool approved)",
  "error NotRefinerOwner()",
  "error PermissionNotFound()",
  "error ColumnNameUnexpected()",
  "error EnforcedPause()",
]);

/** The contract of a network: address and interface. */
export function queryEngine(
  { contracts }: Network,
): { address: Address; abi: typeof QUERY_ENGINE_ABI } {
  return { address: contracts.QueryEngine, abi: QUERY_ENGINE_ABI };
}

/** Says in words why the contract refuses a call; `undefined` for errors that aren't its own. */
export function explainQueryEngine({ errorName, account }: Refusal): string | undefined {
  switch (errorName) {
    case "NotRefinerOwner":
      return `The account ${account} isn't the owner of the refiner; only its owner may grant or revoke ` +
        "permissions";
    case "PermissionNotFound":
      return "There is no such permission";
    case "ColumnNameUnexpected":
      return "A permission for a column must name the column's table";
    case "EnforcedPause":
      return "The QueryEngine is paused: its operators have stopped all changes for now. Try again later";
    default:
      return undefined;
  }
}
