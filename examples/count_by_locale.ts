// Counts users by locale, as JSON and as CSV. Try it: deno task dev --entry examples/count_by_locale.ts
import { defineJob } from "../mod.ts";

interface Count {
  locale: string;
  users: number;
}

export default defineJob({
  name: "count-by-locale",
  async process({ results, artifacts, log }) {
    const counts = [
      ...results.query<Count>(
        "SELECT locale, count(*) AS users FROM results GROUP BY locale ORDER BY users DESC, locale",
      ),
    ];
    await artifacts.writeJson("count_by_locale.json", counts);
    await artifacts.writeCsv("count_by_locale.csv", counts, { columns: ["locale", "users"] });
    log.info(`Counted the users of ${counts.length} locales`);
  },
});
