// Reads all rows of the results database that its argument names, writes them as CSV and as JSON, and
// prints how many there were and the most memory it had.
import { openStaging } from "../../../src/output/staging.ts";
import { Results } from "../../../src/results/results.ts";

const [path] = Deno.args as [string];
const directory = Deno.makeTempDirSync();
try {
  const { artifacts, finish } = openStaging({ directory, results: path });
  using results = Results.open(path);
  let rows = 0;
  for (const _row of results.rows()) rows++;
  await artifacts.writeCsv("a.csv", results.rows());
  await artifacts.writeJson("a.json", results.rows());
  finish();
  const status = Deno.readTextFileSync("/proc/self/status");
  const kilobytes = Number(/^VmHWM:\s*(\d+) kB/m.exec(status)![1]);
  await new Response(JSON.stringify({ rows, megabytes: kilobytes / 1000 })).body!
    .pipeTo(Deno.stdout.writable);
} finally {
  Deno.removeSync(directory, { recursive: true });
}
