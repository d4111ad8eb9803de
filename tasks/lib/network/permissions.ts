/**
 * What the QueryEngine says about permissions: who may query what of a refiner's data, at what price.
 *
 * @module
 */

import { type Address, zeroAddress } from "viem";
import { readContract, readEach } from "../chain/read.ts";
import { ToolError } from "../errors.ts";
import type { Network } from "./network.ts";
import { queryEngine } from "./query_engine.ts";

/** Who may query what. Its texts are the refiner's owner's: they needn't name anything that exists. */
export interface Permission {
  /** Its id; of two, the one with the larger id is newer. */
  id: bigint;
  /** The refiner whose data it is for. */
  refiner: bigint;
  /** Whose it is; `undefined`: everyone's. */
  grantee?: Address;
  /** The table; empty: all tables. */
  table: string;
  /** The column; empty: all of the table's. */
  column: string;
  /** What it costs, in the smallest unit of the token. */
  price: bigint;
  /** What it is paid in: a token's contract, or {@linkcode zeroAddress} for the chain's own money. */
  token: Address;
  /** Whether it stands; `false`: it was revoked. */
  approved: boolean;
}

/** So many of the newest permissions, of all refiners, are looked through for those of one. */
const MOST_LISTED = 10_000n;

/** The fields of a permission, as the contract calls them. */
interface PermissionFields {
  grantee: Address;
  approved: boolean;
  refinerId: bigint;
  tableName: string;
  columnName: string;
  price: bigint;
  tokenAddress: Address;
}

function toPermission(id: bigint, fields: PermissionFields): Permission {
  const { grantee, approved, refinerId, tableName, columnName, price, tokenAddress } = fields;
  return {
    id,
    refiner: refinerId,
    grantee: grantee === zeroAddress ? undefined : grantee,
    table: tableName,
    column: columnName,
    price,
    token: tokenAddress,
    approved,
  };
}

function byNewest({ id: a }: Permission, { id: b }: Permission): number {
  return a < b ? 1 : -1;
}

/**
 * Reads the permissions that an account has on a refiner's data, its own and everyone's, newest first.
 * Revoked ones aren't among them.
 *
 * @param account The account; without it, everyone's permissions only.
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readPermissions(
  network: Network,
  refiner: bigint,
  account: Address = zeroAddress,
): Promise<Permission[]> {
  const called = { ...queryEngine(network), functionName: "getPermissions" } as const;
  const read = await readContract(network, called, [refiner, account]);
  return read.map(({ permissionId, ...fields }) => toPermission(permissionId, fields))
    .sort(byNewest);
}

/**
 * Reads a permission, revoked or not.
 *
 * @throws {ToolError} There is none with that id, or the RPC can't be asked.
 */
export async function readPermission(network: Network, id: bigint): Promise<Permission> {
  const engine = queryEngine(network);
  const count = await readContract(network, { ...engine, functionName: "permissionsCount" }, []);
  if (id > count) {
    throw new ToolError(
      `There is no permission ${id} in the QueryEngine ${engine.address} on ${network.chain.name}, ` +
        `which has ${count}; expected the id of one that was granted there`,
    );
  }
  const called = { ...engine, functionName: "permissions" } as const;
  return toPermission(id, await readContract(network, called, [id]));
}

/** All permissions on a refiner's data. */
export interface AllPermissions {
  /** The permissions, newest first, whoever has them, revoked or not. */
  permissions: Permission[];
  /** How many of the newest permissions, of all refiners, were looked at. */
  lookedAt: number;
  /** Whether there are older ones, which weren't looked at. */
  more: boolean;
}

/**
 * Finds all permissions on a refiner's data, among the newest 10,000 of all refiners. They are looked for by
 * id, as the contract lists an account's only, and RPCs limit how far back they give events.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function allPermissions(
  network: Network,
  refiner: bigint,
): Promise<AllPermissions> {
  const engine = queryEngine(network);
  const count = await readContract(network, { ...engine, functionName: "permissionsCount" }, []);
  const ids: bigint[] = [];
  for (let id = count; id > 0n && id > count - MOST_LISTED; id--) ids.push(id);
  const called = { ...engine, functionName: "permissions" } as const;
  const read = await readEach(network, called, ids.map((id) => [id] as const));
  return {
    permissions: read.flatMap((fields, at) =>
      fields?.refinerId === refiner ? [toPermission(ids[at]!, fields)] : []
    ),
    lookedAt: ids.length,
    more: (ids.at(-1) ?? 1n) > 1n,
  };
}
