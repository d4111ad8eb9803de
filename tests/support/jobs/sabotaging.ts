// A job that writes two artifacts and then breaks them, in the way that the first of QUERY_PARAMS names.
import { dirname } from "node:path";
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "sabotaging",
  async process({ artifacts, parameters: { queryParams: [way] } }) {
    await artifacts.writeText("a.txt", "new");
    await artifacts.writeText("b.txt", "new");
    const ways: Record<string, () => unknown> = {
      "nothing": () => {},
      "a folder": () => artifacts.writeText("below/c.txt", "new"),
      "staging gone": () =>
        Deno.removeSync(dirname(artifacts.pathFor("c.txt")), { recursive: true }),
      "unfinished": () => artifacts.writable("c.txt"),
      "open database": () => {
        const path = artifacts.pathFor("c.db");
        Deno.writeTextFileSync(path, "");
        Deno.writeTextFileSync(`${path}-journal`, "hot");
      },
      "never made": () => artifacts.pathFor("c.db"),
      "full": () => artifacts.writeCsv("c.csv", endless()),
      "thrown text": () => {
        // deno-lint-ignore no-throw-literal
        throw "on purpose";
      },
      "thrown nothing": () => {
        // deno-lint-ignore no-throw-literal
        throw undefined;
      },
    };
    await ways[String(way)]!();
  },
});

function* endless(): Generator<{ line: string }> {
  for (;;) yield { line: "x".repeat(10_000) };
}
