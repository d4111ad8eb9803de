// Reads all rows, as objects, and writes their number.
import { defineJob, runJob } from "../../../../mod.ts";

await runJob(defineJob({
  name: "count-rows",
  async process({ results, artifacts }) {
    let rows = 0;
    for (const _row of results.rows()) rows++;
    await artifacts.writeText("rows.txt", String(rows));
  },
}));
