// A job that writes two artifacts and then breaks its own commit, in the way that the first of
// QUERY_PARAMS names.
import { join } from "node:path";
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "sabotaging",
  async process({ artifacts, parameters: { queryParams: [way], outputPath } }) {
    await artifacts.writeText("a.txt", "new");
    await artifacts.writeText("b.txt", "new");
    const place = join(outputPath, "b.txt");
    const ways: Record<string, () => unknown> = {
      "a directory there": () => Deno.mkdirSync(place),
      "a link there": () => Deno.symlinkSync(join(outputPath, "../target"), place),
      "a dangling link there": () => Deno.symlinkSync("nowhere", place),
      "staging gone": () => {
        for (const { name } of Deno.readDirSync(outputPath)) {
          if (name.startsWith(".relay-staging-")) {
            Deno.removeSync(join(outputPath, name), { recursive: true });
          }
        }
      },
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
