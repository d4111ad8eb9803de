// A job that uses npm libraries, one of them in CommonJS, which looks at the environment when it is loaded.
import { parse } from "csv-parse/sync";
import Table from "cli-table3";
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "with-library",
  async process({ artifacts, results }) {
    const table = new Table({ style: { head: [], border: [] } });
    for (const [a, b] of parse("a,b\n1,2\n") as string[][]) table.push([a, b]);
    await artifacts.writeText("table.txt", `${table.toString()}\n${results.count()}`);
  },
});
