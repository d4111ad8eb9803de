// Counts people by group, and says nothing about groups of fewer than LEAST people.
//
// - People are counted, not rows: one person with many rows is still one. Rows without a user_id count for
//   nobody.
// - Rows without a locale are a group like any other, with null as its name.
// - Counts are rounded down to a multiple of LEAST. Otherwise, a second run whose query leaves out one person
//   would give that person's group away by the difference between the two counts.
// - People in small groups are counted together, as `others`: 0 if there are fewer than LEAST of them.
// - Groups are ordered by name, as an order by size would show more than the rounded counts. The log says
//   nothing about the data either.
//
// What this doesn't prevent: when a count is just at a multiple of LEAST, one person more or less still shows.
// Someone who can run many queries on the same data can search for such a place. Against that, only noise with
// a budget for all queries together helps (differential privacy).
//
// Try it: deno task dev --entry examples/large_groups.ts
import { defineJob } from "../mod.ts";

/** A group of fewer people isn't shown. */
const LEAST = 5;

const SIZES = "SELECT locale, count(DISTINCT user_id) AS people FROM results GROUP BY locale";

const rounded = (people: number) => people - people % LEAST;

export default defineJob({
  name: "large-groups",
  async process({ results, artifacts }) {
    const groups = results.query<{ locale: string | null; people: number }>(
      `SELECT * FROM (${SIZES}) WHERE people >= ? ORDER BY locale`,
      { params: [LEAST] },
    );
    const [others] = results.query<{ people: number }>(
      `SELECT count(DISTINCT user_id) AS people FROM results
       JOIN (${SIZES}) AS sizes ON sizes.locale IS results.locale WHERE sizes.people < ?`,
      { params: [LEAST] },
    );
    await artifacts.writeJson("large_groups.json", {
      least: LEAST,
      groups: [...groups].map(({ locale, people }) => ({ locale, people: rounded(people) })),
      others: rounded(others!.people),
    });
  },
});
