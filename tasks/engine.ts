// deno task engine: a Query Engine on this machine.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { DatabaseSync } from "node:sqlite";
import { join, resolve } from "node:path";
import { readDatabaseHeader } from "../src/results/database_file.ts";
import { RESULTS_TABLE } from "../src/results/results.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { type Engine, type Fault, startEngine } from "./lib/engine/engine.ts";
import { FAULTS, type Stage, STAGES } from "./lib/engine/faults.ts";
import { DUMMY_DATA } from "./lib/project.ts";
import { seedDatabase } from "./lib/data/seed_database.ts";

await runTask(async () => {
  const faults = Object.entries(FAULTS).map(([name, { description, stages }]) =>
    `  ${name.padEnd(22)} ${stages[0]!.padEnd(9)} ${description}`
  );
  const command = task("engine", "Serve the Query Engine's protocol on 127.0.0.1")
    .option("--port <number>", "the port; 0 picks a free one", readPort, 8787)
    .option("--from <file>", `the script of the refiner's schema (default: ${DUMMY_DATA})`)
    .option("--db <file>", "a SQLite file to query, instead of a script")
    .option("--signer <address>", "admit only this account (repeatable)", collectSigner)
    .option("--delay <seconds>", "keep a query pending so long", readSeconds, 0)
    .option("--query-timeout <seconds>", "stop a query that runs longer", readSeconds, 60)
    .option("--fault <name>", "misbehave (repeatable); NAME@STAGE for another stage", collectFault)
    .addHelpText("after", `\nFaults, and the stage each meets:\n${faults.join("\n")}`);
  const options = (await command.parseAsync()).opts();
  if (options.from !== undefined && options.db !== undefined) {
    throw new ToolError("Give the data with --from or with --db, not both");
  }
  const folder = Deno.makeTempDirSync({ prefix: "engine-" });
  try {
    const database = options.db === undefined
      ? makeDatabase(options.from ?? DUMMY_DATA, folder)
      : checkDatabase(options.db);
    const engine = open({
      database,
      folder,
      port: options.port,
      signers: options.signer,
      delaySeconds: options.delay,
      queryTimeoutSeconds: options.queryTimeout,
      faults: options.fault,
      onRequest: ({ stage, method, signed, foreign, range }) =>
        note(
          `${method} ${stage}${signed ? ", signed" : ""}${range === null ? "" : `, ${range}`}` +
            (foreign ? ", at the other origin" : ""),
        ),
    });
    print(engine.url);
    note(`Queries run on ${options.db ?? options.from ?? DUMMY_DATA}. Stop with Ctrl-C.`);
    await new Promise<void>((stop) => {
      Deno.addSignalListener("SIGINT", stop);
      Deno.addSignalListener("SIGTERM", stop);
    });
    await engine.close();
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

function open(options: Parameters<typeof startEngine>[0]): Engine {
  try {
    return startEngine(options);
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ToolError(`Port ${options.port} is taken; choose another with --port, or --port 0`);
  }
}

/** The refiner's schema and rows, without the `results` that a query makes. */
function makeDatabase(script: string, folder: string): string {
  const path = join(folder, "refiner.db");
  seedDatabase({ from: script, to: path, needsResults: false });
  using db = new DatabaseSync(path);
  const kind = db.prepare("SELECT type FROM sqlite_schema WHERE lower(name) = ?").get(
    RESULTS_TABLE,
  );
  if (kind !== undefined) db.exec(`DROP ${kind.type} ${RESULTS_TABLE}`);
  return path;
}

function checkDatabase(path: string): string {
  readDatabaseHeader(path);
  return resolve(path);
}

function readPort(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) < 65536) return Number(text);
  throw new InvalidArgumentError("expected a port from 0 to 65535");
}

function readSeconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError("expected a number of seconds");
}

function collectSigner(text: string, before: string[] | undefined): string[] {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return [...before ?? [], text];
  throw new InvalidArgumentError("expected an account: 0x and 40 hexadecimal digits");
}

function collectFault(text: string, before: Fault[] | undefined): Fault[] {
  const [name = "", stage] = text.split("@");
  const kind = Object.hasOwn(FAULTS, name) ? FAULTS[name] : undefined;
  if (kind === undefined) throw new InvalidArgumentError("no such fault");
  if (stage !== undefined && !kind.stages.includes(stage as Stage)) {
    throw new InvalidArgumentError(
      STAGES.includes(stage as Stage)
        ? `it meets ${kind.stages.join(", ")} only`
        : `expected a stage: ${STAGES.join(", ")}`,
    );
  }
  return [...before ?? [], { name, stage: stage as Stage | undefined }];
}
