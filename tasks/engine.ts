// deno task engine: a Query Engine on this machine.

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { formatBytes } from "../src/format_bytes.ts";
import { printable } from "../src/printable.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { DUMMY_SCRIPT } from "./lib/data/dummy_data.ts";
import { excerpt, placeIn } from "./lib/data/sql_error.ts";
import type { Fault, SeenRequest } from "./lib/engine/engine.ts";
import { type Stage, STAGES } from "./lib/engine/fault.ts";
import { FAULTS } from "./lib/engine/faults.ts";
import type { Query, QueryOutcome } from "./lib/engine/queries.ts";
import { openLocalEngine } from "./lib/engine/local_engine.ts";
import { decimal, wholeNumber } from "./lib/options.ts";
import { personPath, shortPath } from "./lib/person_path.ts";
import { DUMMY_DATA } from "./lib/project.ts";

await runTask(async () => {
  const faults = Object.entries(FAULTS).map(([name, { description, stages }]) =>
    `  ${name.padEnd(22)} ${stages[0]!.padEnd(9)} ${description}`
  );
  const command = task("engine", "Serve the Query Engine's protocol on 127.0.0.1")
    .option("--port <number>", "the port; 0 picks a free one", wholeNumber({ max: 65535 }), 8787)
    .option(
      "--from <file>",
      `the script of the refiner's schema, read again when it changes (default: ${DUMMY_DATA})`,
      personPath,
    )
    .addOption(
      new Option("--db <file>", "a SQLite file to query, instead of a script")
        .argParser(personPath).conflicts("from"),
    )
    .option(
      "--signer <address>",
      "accept queries from this account only (repeatable)",
      collectSigner,
    )
    .option("--delay <seconds>", "keep a query pending for this long", decimal(), 0)
    .option("--query-timeout <seconds>", "stop a query that runs longer", decimal(), 60)
    .option("--as-text", "return all values as text and NULL as None, as the network's engine does")
    .option(
      "--fault <name>",
      "simulate a fault (repeatable); NAME@STAGE for another stage",
      collectFault,
    )
    .addHelpText("after", `\nFaults, and the stage each meets:\n${faults.join("\n")}`);
  const options = (await command.parseAsync()).opts();
  await using engine = openLocalEngine({
    data: options.db === undefined
      ? { script: options.from ?? DUMMY_SCRIPT }
      : { database: options.db },
    port: options.port,
    signers: options.signer,
    delaySeconds: options.delay,
    queryTimeoutSeconds: options.queryTimeout,
    asText: options.asText,
    faults: options.fault,
    onRequest: (request) => note(describe(request)),
    onQueryEnd: (query, outcome) => note(describeEnd(query, outcome)),
  });
  print(engine.url);
  note(`Queries run on ${shortPath(engine.source)}. Stop with Ctrl-C.`);
  note("Next, in another terminal: sign a query with `deno task sign`, and run a job on it with");
  note(`QUERY_ENGINE_URL=${engine.url} INPUT_PATH=input OUTPUT_PATH=output deno task worker`);
  await new Promise<void>((stop) => {
    Deno.addSignalListener("SIGINT", stop);
    Deno.addSignalListener("SIGTERM", stop);
  });
});

function describe({ stage, method, signed, foreign, range }: SeenRequest): string {
  return `${method} ${stage}${signed ? ", signed" : ""}${range === null ? "" : `, ${range}`}` +
    (foreign ? ", at the other origin" : "");
}

function describeEnd({ id, sql, signer }: Query, outcome: QueryOutcome): string {
  const { error, index, rows, bytes, seconds } = outcome;
  const query = `Query ${id.slice(0, 8)} of ${signer}`;
  const time = `${seconds.toFixed(1)} s`;
  if (error === null) {
    const counted = rows === 1 ? "1 row" : `${rows} rows`;
    return `${query} succeeded in ${time}: ${counted}, ${formatBytes(bytes)}`;
  }
  const { line, column } = placeIn(sql, index ?? 0);
  const place = index === undefined ? "" : ` (line ${line}, column ${column})`;
  const reason = printable(error, "\n").replaceAll("\n", "\n    ");
  return `${query} failed after ${time}: ${reason}${place}\n${excerpt(sql, index ?? 0)}`;
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
