// deno task soak: runs the compiled relay against an engine that misbehaves, and prints a tally.

import { join } from "node:path";
import { formatBytes } from "../src/format_bytes.ts";
import { soak, type Tally } from "./lib/bench/soak.ts";
import { compile } from "./lib/binary/compile.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { decimal, wholeNumber } from "./lib/options.ts";
import { ROOT } from "./lib/project.ts";
import { TemporaryFolder } from "./lib/temporary_folder.ts";

/** Milliseconds between lines. */
const LINE_MS = 30_000;

await runTask(async () => {
  const command = task("soak", "Run the compiled relay against a faulty engine")
    .option("--minutes <number>", "how long", decimal({ min: 0.01, max: 10_000 }), 10)
    .option("--parallel <number>", "runs side by side", wholeNumber({ min: 1, max: 64 }), 4);
  const { minutes, parallel } = (await command.parseAsync()).opts();
  using folder = new TemporaryFolder({ prefix: "soak-" });
  const binary = folder.join("relay");
  await compile({ entry: join(ROOT, "main.ts"), output: binary });
  let lastLine = performance.now();
  const tally = await soak({
    binary,
    milliseconds: minutes * 60_000,
    parallel,
    folder: folder.path,
    onTrouble: note,
    onRun({ runs, corrupted, leftovers }) {
      if (performance.now() - lastLine < LINE_MS) return;
      lastLine = performance.now();
      note(`${runs} runs, ${corrupted} corrupted, ${leftovers} leftovers`);
    },
  });
  printTally(tally);
  return tally.corrupted + tally.leftovers + tally.contradictions === 0 ? 0 : 1;
});

function printTally(tally: Tally): void {
  const exits = [...tally.byExit].sort().map(([exit, count]) => `${exit}: ${count}`).join(", ");
  print(`runs                ${tally.runs}`);
  print(`by exit code        ${exits}`);
  print(`bytes relayed       ${formatBytes(tally.bytes)}`);
  print(`corrupted outputs   ${tally.corrupted}`);
  print(`leftovers           ${tally.leftovers}`);
  print(`contradictions      ${tally.contradictions}`);
  print(`peak memory         ${formatBytes(tally.peakKib * 1024)}`);
}
