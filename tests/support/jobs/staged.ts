// Writes in every way there is, into the folder and from the results database that its arguments name.
import { DatabaseSync } from "node:sqlite";
import { openStaging } from "../../../src/output/staging.ts";
import { Results } from "../../../src/results/results.ts";

const [directory, path] = Deno.args as [string, string];
const { artifacts, finish } = openStaging({ directory, results: path });
using results = Results.open(path);
await artifacts.writeText("deep/a.txt", String(results.count()));
await artifacts.writeCsv("a.csv", results.rows());
await artifacts.writeJson("a.json", results.query("SELECT locale FROM results ORDER BY locale"));
await artifacts.writeJsonLines("a.jsonl", results.rows());
await artifacts.write("w", new Uint8Array([1]));
await artifacts.writable("s").close();
await artifacts.copyResults();
{
  using made = new DatabaseSync(artifacts.pathFor("a.db"));
  made.exec("CREATE TABLE t(a); INSERT INTO t VALUES (1)");
}
finish();
