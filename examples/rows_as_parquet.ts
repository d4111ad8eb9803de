// All rows of the results as Parquet, by the npm library hyparquet-writer: for pandas, DuckDB, Spark and others.
//
// Parquet has one type per column, and SQLite one per value. The job looks at all values first: integers make a
// column INT64, reals DOUBLE, text STRING, BLOBs BYTE_ARRAY. Integers and reals in one column become DOUBLE, which
// rounds integers beyond 2^53. Other mixtures are an error that names the column; CAST it in the query.
//
// Rows are read and written in groups of 10,000, so memory doesn't hold the table. The library writes to
// `artifacts.pathFor`, so its file is published like any other artifact: whole, and only if the job succeeds.
//
// Try it: deno task dev --entry examples/rows_as_parquet.ts
import { type BasicType, fileWriter, parquetWriteRows } from "hyparquet-writer";
import { defineJob } from "../mod.ts";

/** The type for a column with values of these types, as SQLite's typeof() names them, sorted. */
const TYPES: ReadonlyMap<string, BasicType> = new Map(
  [
    ["", "STRING"],
    ["text", "STRING"],
    ["integer", "INT64"],
    ["real", "DOUBLE"],
    ["integer,real", "DOUBLE"],
    ["blob", "BYTE_ARRAY"],
  ],
);

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;

export default defineJob({
  name: "rows-as-parquet",
  async process({ results, artifacts }) {
    const columns = results.columns.map(({ name }) => {
      const found = results.query<{ type: string }>(
        `SELECT DISTINCT typeof(${quote(name)}) AS type FROM results ORDER BY type`,
      );
      const types = [...found].map(({ type }) => type).filter((type) => type !== "null").join();
      const type = TYPES.get(types);
      if (type === undefined) throw new Error(`Column ${name} has values of the types ${types}`);
      return { name, type };
    });
    const values = columns.map(({ name, type }) =>
      type === "DOUBLE" ? `CAST(${quote(name)} AS REAL) AS ${quote(name)}` : quote(name)
    );
    await parquetWriteRows({
      writer: fileWriter(artifacts.pathFor("rows.parquet")),
      rows: results.query(`SELECT ${values.join(", ")} FROM results`, { integers: "bigint" }),
      columns,
      rowGroupSize: 10_000,
    });
  },
});
