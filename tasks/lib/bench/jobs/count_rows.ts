// Goes through all rows, as objects, and says how many there were.
import { defineJob } from "../../../../mod.ts";

export default defineJob({
  name: "count-rows",
  async process({ results, artifacts }) {
    let rows = 0;
    for (const _row of results.rows()) rows++;
    await artifacts.writeText("rows.txt", String(rows));
  },
});
