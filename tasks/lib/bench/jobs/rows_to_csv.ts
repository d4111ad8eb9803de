// Writes all rows as CSV.
import { defineJob } from "../../../../mod.ts";

export default defineJob({
  name: "rows-to-csv",
  process: ({ results, artifacts }) => artifacts.writeCsv("rows.csv", results.rows()),
});
