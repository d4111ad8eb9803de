/**
 * Which columns an account may query.
 *
 * @module
 */

import type { Address } from "viem";
import type { Schema } from "../schema/tables.ts";
import { coverReads, type Need } from "./coverage.ts";
import type { Currency } from "./funds.ts";
import type { Network } from "./network.ts";
import { readPermissions } from "./permissions.ts";
import { readCurrencies } from "./price_currency.ts";

/** What an account may query. */
export interface ReadableColumns {
  /** The account. */
  account: Address;
  /** Each column of the schema's tables, with the permission for it if there is one. */
  columns: Need[];
  /** The currencies of the permissions' prices. */
  currencies: Map<Address, Currency>;
}

/**
 * Finds the permissions for the columns of a refiner's tables.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function readableColumns(
  network: Network,
  { refiner, schema, account }: { refiner: bigint; schema: Schema; account: Address },
): Promise<ReadableColumns> {
  const reads = schema.tables.filter(({ kind }) => kind === "table")
    .flatMap(({ name, columns }) =>
      columns.map((column) => ({ table: name, column: column.name }))
    );
  const columns = coverReads(reads, await readPermissions(network, refiner, account));
  const used = columns.flatMap(({ permission }) => permission === undefined ? [] : [permission]);
  return {
    account,
    columns,
    currencies: await readCurrencies(network, used.map(({ token }) => token)),
  };
}

/** What is known of one column. */
export function columnOf(
  { columns }: ReadableColumns,
  table: string,
  column: string,
): Need | undefined {
  return columns.find((one) => one.table === table && one.column === column);
}
