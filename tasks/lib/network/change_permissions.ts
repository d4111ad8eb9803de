/**
 * How a refiner's owner grants and revokes permissions.
 *
 * @module
 */

import { type Address, isAddressEqual, zeroAddress } from "viem";
import { contractCall } from "../chain/call.ts";
import { type Conversation, makeChange, type Outcome, type Signing } from "../chain/change.ts";
import { ToolError } from "../errors.ts";
import { describeAmount } from "./amounts.ts";
import { chainText } from "./chain_text.ts";
import type { Currency } from "./funds.ts";
import type { Network } from "./network.ts";
import { type Permission, readPermission, readPermissions } from "./permissions.ts";
import { explainQueryEngine, queryEngine } from "./query_engine.ts";
import { readRefiner } from "./refiners.ts";

/** A permission that is to be granted. */
export interface Grant {
  /** The refiner's id. */
  refiner: bigint;
  /** Whose it will be; `undefined`: everyone's. */
  grantee?: Address;
  /** The table; empty: all tables. */
  table: string;
  /** The column; empty: all of the table's. */
  column: string;
  /** What it costs, in the currency's smallest unit. */
  price: bigint;
  /** What it is paid in. */
  currency: Currency;
}

/** Names what a permission is for. */
export function describeScope(
  { table, column }: Pick<Permission, "table" | "column">,
): string {
  if (table === "") return "all tables";
  if (column === "") return `table ${chainText(table)}`;
  return `column ${chainText(column)} of table ${chainText(table)}`;
}

/**
 * Grants a permission. One that is there already with the same price isn't granted again.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function grantPermission(
  network: Network,
  grant: Grant,
  signing: Signing,
  conversation: Conversation,
): Promise<Outcome> {
  const { refiner, grantee = zeroAddress, table, column, price, currency } = grant;
  if (table === "" && column !== "") throw new ToolError("A column needs the name of its table");
  await readRefiner(network, refiner);
  const who = grant.grantee ?? "everyone";
  return await makeChange(
    network,
    {
      call: contractCall({
        ...queryEngine(network),
        functionName: "addPermission",
        args: [grantee, refiner, table, column, currency.token, price],
        explain: explainQueryEngine,
      }),
      question: {
        text: `Let ${who} query ${describeScope(grant)} of refiner ${refiner} for ` +
          `${describeAmount(price, currency)} on ${network.chain.name}?`,
        answer: `${refiner}`,
      },
      async unneeded() {
        const same = await findSame(network, grant);
        return same && `Permission ${same.id} is the same and is still valid`;
      },
    },
    signing,
    conversation,
  );
}

/** The permission that stands already and is the same. */
async function findSame(
  network: Network,
  { refiner, grantee, table, column, price, currency: { token } }: Grant,
): Promise<Permission | undefined> {
  const permissions = await readPermissions(network, refiner, grantee);
  return permissions.find((one) =>
    one.grantee === grantee && one.table === table && one.column === column &&
    one.price === price && isAddressEqual(one.token, token)
  );
}

/**
 * Revokes a permission. One that is revoked already isn't revoked again.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function revokePermission(
  network: Network,
  { refiner, id }: { refiner: bigint; id: bigint },
  signing: Signing,
  conversation: Conversation,
): Promise<Outcome> {
  const permission = await readPermission(network, id);
  if (permission.refiner !== refiner) {
    throw new ToolError(
      `Permission ${id} is for refiner ${permission.refiner}, not for refiner ${refiner}`,
    );
  }
  return await makeChange(
    network,
    {
      call: contractCall({
        ...queryEngine(network),
        functionName: "updatePermissionApproval",
        args: [id, false],
        explain: explainQueryEngine,
      }),
      question: {
        text: `Revoke permission ${id} of ${permission.grantee ?? "everyone"} for ` +
          `${describeScope(permission)} of refiner ${refiner} on ${network.chain.name}?`,
        answer: `${id}`,
      },
      async unneeded() {
        const { approved } = await readPermission(network, id);
        return approved ? undefined : `Permission ${id} is already revoked`;
      },
    },
    signing,
    conversation,
  );
}
