// deno task rehearse: the whole way of a job, on a network of its own that goes away again.

import { formatEther } from "viem";
import { note, print, runTask, task } from "./lib/cli.ts";
import { describeOutput } from "./lib/data/describe_output.ts";
import { DUMMY_SCRIPT } from "./lib/data/dummy_data.ts";
import { startDevnet } from "./lib/devnet/devnet.ts";
import {
  makeArchive,
  type Rehearsal,
  type RehearsalStep,
  rehearse,
} from "./lib/devnet/rehearsal.ts";
import { queryOfScript } from "./lib/devnet/script_query.ts";
import { withEntry } from "./lib/cli/entry_option.ts";
import { hasDocker } from "./lib/image/docker.ts";
import { fileOrName, personPath } from "./lib/person_path.ts";
import { MAIN } from "./lib/project.ts";
import { screenOf } from "./lib/screen/screen.ts";
import { TemporaryFolder } from "./lib/temporary_folder.ts";

await runTask(async () => {
  const command = withEntry(
    task(
      "rehearse",
      "Go a job's whole way, from its source to its artifacts, on a devnet of its own",
    ),
  )
    .option(
      "--base <image>",
      "another base than the Dockerfile's: NAME@sha256:HEX, or an image's tar",
      fileOrName,
    )
    .option("--from <file>", "the script of the refiner's schema, data and query", personPath)
    .option("--query <sql>", "the query (default: the script's)")
    .option("--keep", "leave the network and the artifacts until Ctrl-C")
    .option("--json", "print the steps and what was paid as JSON");
  const options = (await command.parseAsync()).opts();
  const { entry, base, keep = false, json = false } = options;
  const script = options.from ?? DUMMY_SCRIPT;
  const query = options.query ?? queryOfScript(script);
  const started = performance.now();
  const steps: RehearsalStep[] = [];
  const onStep = (step: RehearsalStep) => {
    steps.push(step);
    if (json) return;
    print(`${step.seconds.toFixed(1).padStart(6)} s  ${step.who.padEnd(7)}  ${step.name}`);
  };

  await using stack = new AsyncDisposableStack();
  const folder = stack.use(new TemporaryFolder({ prefix: "rehearse-", endOnSignal: false })).path;
  const stopped = untilSignal();
  const rehearsal = { entry, base, query, folder, onStep };
  const made = await Promise.race([makeArchive(rehearsal), stopped]);
  if (made === undefined) return STOPPED;
  const archive = typeof made === "string" ? undefined : made;
  if (typeof made === "string") {
    note(`No archive can be made here, so the job runs from its source: ${made}`);
  }
  const devnet = await startDevnet({
    data: { script },
    archives: folder,
    docker: await hasDocker(),
    source: archive === undefined ? entry ?? MAIN : undefined,
    base,
    onEvent: () => {},
  }, stack);
  note(devnet.runsJobs);
  const done = await Promise.race([rehearse(devnet, archive, rehearsal), stopped]);
  if (done === undefined) return STOPPED;
  const seconds = (performance.now() - started) / 1000;
  if (json) print(JSON.stringify(toJson(steps, done, seconds), null, 2));
  else show(done, seconds);
  if (!keep) return 0;
  note(
    `\nThe network runs until Ctrl-C; its keys are in .cache/devnet.json, the files in ${folder}`,
  );
  await stopped;
  return 0;
});

/** A signal before it was done. */
const STOPPED = 130;

function untilSignal(): Promise<undefined> {
  return new Promise((stop) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => stop(undefined));
    }
  });
}

function show({ output, paid }: Rehearsal, seconds: number): void {
  print(`\nArtifacts, for ${formatEther(paid)} VANA, after ${seconds.toFixed(0)} s:\n`);
  print(describeOutput(output, { before: new Map(), ...screenOf(Deno.stdout) }));
}

function toJson(steps: RehearsalStep[], { paid }: Rehearsal, seconds: number): unknown {
  return { steps, seconds, paid: `${paid}` };
}
