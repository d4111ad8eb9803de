// Relays the rows with names and addresses masked, as CSV.
//
// Each column that may leave is listed in RULES. A column that isn't listed stays behind, so a column added to
// the query later leaks nothing until someone decides about it.
//
// - A pseudonym is the same for the same value, so rows of one person can be put together. Its key is random
//   and forgotten at the end of the run: the same person has another pseudonym in the next run, and nobody can
//   try names until one fits. A fixed key wouldn't be a secret, as a job's program can be read by anyone.
// - A hidden value shows only whether there is one. NULL stays NULL.
//
// What this doesn't protect: the columns that stay may single out a person together (one user with a rare
// locale), and so may the number and order of a pseudonym's rows. Free text may hold names. If no person may be
// recognized, count groups instead, as large_groups.ts does.
//
// Try it: deno task dev --entry examples/mask_people.ts
import { createHmac, randomBytes } from "node:crypto";
import { defineJob, type SqlValue } from "../mod.ts";

type Rule = (value: SqlValue) => SqlValue;

const key = randomBytes(32);
const pseudonym: Rule = (value) =>
  value === null
    ? null
    : createHmac("sha256", key).update(String(value)).digest("hex").slice(0, 24);
const hidden: Rule = (value) => value === null ? null : "***";
const asItIs: Rule = (value) => value;

/** What becomes of each column. */
const RULES = new Map<string, Rule>([
  ["user_id", pseudonym],
  ["email", pseudonym],
  ["name", hidden],
  ["address", hidden],
  ["locale", asItIs],
]);

export default defineJob({
  name: "mask-people",
  async process({ results, artifacts, log }) {
    const columns = results.columns.map(({ name }) => name).filter((name) => RULES.has(name));
    if (columns.length === 0) throw new Error("No column of the results is listed in RULES");

    function* masked() {
      for (const row of results.rows()) {
        yield Object.fromEntries(columns.map((name) => [name, RULES.get(name)!(row[name]!)]));
      }
    }

    await artifacts.writeCsv("masked.csv", masked(), { columns });
    log.info(`Left out ${results.columns.length - columns.length} columns`);
  },
});
