// Makes artifacts in the ways that make files differently: written, copied, and by a path, in folders too.
import { DatabaseSync } from "node:sqlite";
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "every-way",
  async process({ results, artifacts }) {
    await artifacts.writeText("by/day/count.txt", String(results.count()));
    await artifacts.copyResults("copy.db");
    using made = new DatabaseSync(artifacts.pathFor("made.db"));
    made.exec("CREATE TABLE t(a)");
  },
});
