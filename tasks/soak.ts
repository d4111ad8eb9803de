// deno task soak: runs the compiled relay against an engine that misbehaves, and prints a tally.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { join } from "node:path";
import { formatBytes } from "../src/format_bytes.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { compile } from "./lib/binary/compile.ts";
import { ROOT } from "./lib/project.ts";
import { soak, type Tally } from "./lib/bench/soak.ts";

await runTask(async () => {
  const command = task("soak", "Run the compiled relay against an engine that misbehaves")
    .option("--minutes <number>", "how long", readNumber, 10)
    .option("--parallel <number>", "runs side by side", readNumber, 4);
  const { minutes, parallel } = (await command.parseAsync()).opts();
  const folder = Deno.makeTempDirSync({ prefix: "soak-" });
  try {
    const binary = join(folder, "relay");
    await compile({ entry: join(ROOT, "main.ts"), output: binary });
    let said = performance.now();
    const tally = await soak({
      binary,
      milliseconds: minutes * 60_000,
      parallel,
      folder,
      onTrouble: note,
      onRun(tally) {
        if (performance.now() - said < 30_000) return;
        said = performance.now();
        note(`${tally.runs} runs, ${tally.corrupted} corrupted, ${tally.leftovers} leftovers`);
      },
    });
    printTally(tally);
    return tally.corrupted + tally.leftovers + tally.contradictions === 0 ? 0 : 1;
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
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

function readNumber(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("expected a number above 0");
}
