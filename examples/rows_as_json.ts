// All rows of the results as JSON, an array with one line per row: for a reader that wants the data as it
// is, without SQLite. Memory stays constant, however many rows there are.
//
// Everything that the query selects leaves, so the query is the only limit on what a reader sees.
//
// - NULL is null, and a BLOB is hexadecimal text.
// - An integer beyond 2^53 - 1 stops the job, as most readers of JSON would round it. With
//   `results.rows({ integers: "bigint" })`, every integer is written as a string of digits instead.
// - `artifacts.writeJsonLines` takes the same rows, for readers that process a line at a time.
//
// Try it: deno task dev --entry examples/rows_as_json.ts
import { defineJob } from "../mod.ts";

export default defineJob({
  name: "rows-as-json",
  async process({ results, artifacts }) {
    await artifacts.writeJson("rows.json", results.rows());
  },
});
