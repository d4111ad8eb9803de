// A job that fails where nothing awaits it, in the way that the first of QUERY_PARAMS names.
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { defineJob } from "../../../mod.ts";

const WAYS: Record<string, () => unknown> = {
  "rejection": () => void Promise.reject(new Error("strayed")),
  "timer": () =>
    void setTimeout(() => {
      throw new Error("strayed");
    }),
  "Deno.exit": () => Deno.exit(0),
  "process.exit": () => process.exit(0),
  "self.close": () => self.close(),
  "an endless loop": () => {
    for (;;);
  },
  "endless SQL": () => {
    using db = new DatabaseSync(":memory:");
    db.prepare(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c",
    )
      .get();
  },
  "its environment": () => {
    if (Deno.env.get("HOME") !== undefined || process.env.NODE_ENV !== undefined) {
      throw new Error("there is an environment");
    }
  },
};

export default defineJob({
  name: "straying",
  async process({ artifacts, parameters: { queryParams: [way] }, log }) {
    await artifacts.writeText("first.txt", "new");
    log.info("Straying");
    await WAYS[String(way)]!();
    if (way === "timer") await new Promise((done) => setTimeout(done, 1000));
  },
});
