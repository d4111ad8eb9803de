// Relays the results without certain columns, as a database.
// Try it: deno task dev --entry examples/redact_columns.ts
import { DatabaseSync } from "node:sqlite";
import { defineJob } from "../mod.ts";

/** The columns to leave out. */
const REDACTED = ["user_id"];

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

export default defineJob({
  name: "redact-columns",
  process({ results, artifacts, log }) {
    const kept = results.columns.filter(({ name }) => !REDACTED.includes(name));
    if (kept.length === 0) throw new Error("No column would be left; check REDACTED");
    const names = kept.map(({ name }) => quote(name)).join(", ");

    // The database appears in the output when the job has succeeded.
    using target = new DatabaseSync(artifacts.pathFor("query_results.db"));
    target.exec(
      `CREATE TABLE results(${kept.map(({ name, type }) => `${quote(name)} ${type}`).join(", ")})`,
    );
    const insert = target.prepare(`INSERT INTO results VALUES (${kept.map(() => "?").join(", ")})`);
    target.exec("BEGIN");
    let rows = 0;
    for (const row of results.query(`SELECT ${names} FROM results`, { integers: "bigint" })) {
      insert.run(...kept.map(({ name }) => row[name]!));
      rows++;
    }
    target.exec("COMMIT");
    log.info(`Relayed ${rows} rows without ${REDACTED.join(", ")}`);
  },
});
