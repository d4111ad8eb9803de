// Writes all rows as CSV.
import { defineJob, runJob } from "../../../../mod.ts";

await runJob(defineJob({
  name: "rows-to-csv",
  process: ({ results, artifacts }) => artifacts.writeCsv("rows.csv", results.rows()),
}));
