// Checks each row with the npm library valibot: good rows become JSON Lines, and a CSV file lists the faults of
// the others. Before other programs rely on people's data, it is worth knowing that it is as they expect.
//
// Any library that `deno task add npm:NAME` adds is imported like this. It is bundled into the job, runs in the
// job's isolate and has the job's rights: it can read the results and write artifacts, and has no network.
//
// valibot's own messages quote the value, which may be someone's email address. So each check has a message
// of its own here, and a fault is listed without the value.
//
// Try it: deno task dev --entry examples/check_rows.ts
import * as v from "valibot";
import { defineJob } from "../mod.ts";

/** What a row must be; columns that aren't named here are left out. */
const User = v.object({
  user_id: v.pipe(v.string("must be text"), v.nonEmpty("must not be empty")),
  locale: v.pipe(
    v.string("must be text"),
    v.regex(/^[a-z]{2,3}(-[A-Z]{2})?$/, "must be like pt or pt-BR"),
  ),
}, "must have the columns user_id and locale");

export default defineJob({
  name: "check-rows",
  async process({ results, artifacts, log }) {
    let faulty = 0;

    function* good() {
      for (const row of results.rows()) {
        const { success, output } = v.safeParse(User, row);
        if (success) yield output;
        else faulty++;
      }
    }

    function* faults() {
      let line = 0;
      for (const row of results.rows()) {
        line++;
        for (const { path, message } of v.safeParse(User, row).issues ?? []) {
          yield { row: line, column: String(path?.[0].key ?? ""), fault: message };
        }
      }
    }

    await artifacts.writeJsonLines("users.jsonl", good());
    await artifacts.writeCsv("faults.csv", faults(), { columns: ["row", "column", "fault"] });
    log.info(`Left out ${faulty} rows with faults`);
  },
});
