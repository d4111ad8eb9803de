import assert from "node:assert/strict";
import { zeroAddress } from "viem";
import { coverReads } from "../../../../tasks/lib/network/coverage.ts";
import type { Permission } from "../../../../tasks/lib/network/permissions.ts";
import { priceOf } from "../../../../tasks/lib/network/price.ts";

const TOKEN = "0x1111111111111111111111111111111111111111";

/** A permission for all that isn't said. */
function permission(id: bigint, some: Partial<Permission> = {}): Permission {
  return {
    id,
    refiner: 1n,
    table: "",
    column: "",
    price: 0n,
    token: zeroAddress,
    approved: true,
    ...some,
  };
}

const EMAIL = { table: "users", column: "email" };
const LOCALE = { table: "users", column: "locale" };
const ROWS = { table: "users" };

/** The ids of the permissions for some reads. */
function ids(permissions: Permission[], ...reads: Parameters<typeof coverReads>[0]) {
  return coverReads(reads, permissions).map(({ permission }) => permission?.id);
}

Deno.test("a permission for all, the table or the column covers a column", () => {
  for (const some of [{}, { table: "users" }, EMAIL]) {
    assert.deepEqual(ids([permission(1n, some)], EMAIL), [1n]);
  }
});

Deno.test("a permission for another table or column doesn't", () => {
  for (const some of [{ table: "orders" }, LOCALE, { table: "orders", column: "email" }]) {
    assert.deepEqual(ids([permission(1n, some)], EMAIL), [undefined]);
  }
});

Deno.test("the newest covers, in whatever order they come and however wide they are", () => {
  const permissions = [permission(2n, EMAIL), permission(10n), permission(9n, { table: "users" })];
  assert.deepEqual(ids(permissions, EMAIL), [10n]);
});

Deno.test("a column's permission doesn't cover the table's rows", () => {
  const [need] = coverReads([ROWS], [permission(1n, EMAIL)]);
  assert.equal(need!.permission, undefined);
  assert.match(need!.unclear!, /permissions for columns of the table, and none for the table/);
});

Deno.test("a newer permission in another case makes the price uncertain", () => {
  const old = permission(1n, { ...EMAIL, price: 5n });
  const newer = permission(2n, { table: "Users", price: 9n });
  const { prices, inexact } = priceOf(coverReads([EMAIL], [old, newer]));
  assert.deepEqual(prices, [{ token: zeroAddress, least: 5n, most: 9n }]);
  assert.ok(inexact);
});

Deno.test("one permission for all costs its price once", () => {
  const needs = coverReads([EMAIL, LOCALE], [permission(1n, { table: "users", price: 7n })]);
  assert.deepEqual(priceOf(needs), { prices: [{ token: zeroAddress, least: 7n, most: 7n }] });
});

Deno.test("several cost at least the highest, and at most one price a column", () => {
  const permissions = [permission(1n, { price: 3n }), permission(2n, { ...EMAIL, price: 4n })];
  const id = { table: "users", column: "id" };
  const { prices, inexact } = priceOf(coverReads([EMAIL, LOCALE, id], permissions));
  assert.deepEqual(prices, [{ token: zeroAddress, least: 4n, most: 10n }]);
  assert.match(inexact!, /several permissions/);
});

Deno.test("prices in several tokens are apart, and either may be the only one", () => {
  const permissions = [
    permission(1n, { ...EMAIL, price: 3n, token: TOKEN }),
    permission(2n, { ...LOCALE, price: 4n }),
  ];
  const { prices } = priceOf(coverReads([EMAIL, LOCALE], permissions));
  assert.deepEqual(prices, [
    { token: TOKEN, least: 0n, most: 3n },
    { token: zeroAddress, least: 0n, most: 4n },
  ]);
});

Deno.test("what may not be needed doesn't raise the least", () => {
  const permissions = [permission(1n, EMAIL), permission(2n, { ...LOCALE, price: 4n })];
  const { prices } = priceOf(coverReads([EMAIL, { ...LOCALE, doubt: "why" }], permissions));
  assert.deepEqual(prices, [{ token: zeroAddress, least: 0n, most: 4n }]);
});

Deno.test("nothing is exact where something isn't known to be covered", () => {
  const needs = coverReads([EMAIL, { ...LOCALE, doubt: "why" }], [permission(1n, EMAIL)]);
  assert.equal(needs[1]!.unclear, "why");
  assert.ok(priceOf(needs).inexact);
});
