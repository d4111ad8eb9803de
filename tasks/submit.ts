// deno task submit: runs an instruction on a refiner's data, and downloads what it wrote.

import { Option } from "@commander-js/extra-typings";
import { join, parse } from "node:path";
import { zeroAddress } from "viem";
import { printable } from "../src/printable.ts";
import { unsignedTransaction } from "./lib/chain/transaction.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import {
  networkOf,
  ownFlags,
  signingOf,
  withChainOptions,
  withSigningOptions,
} from "./lib/cli/chain_options.ts";
import { showOutcome, startConversation } from "./lib/cli/conversation.ts";
import { JOB_EXIT, showFinished, submitExitCode, withNextStep } from "./lib/cli/job_end.ts";
import { readQueryText } from "./lib/cli/query_option.ts";
import { remedyOf } from "./lib/cli/submit_remedies.ts";
import { showBatch } from "./lib/cli/show_batch.ts";
import { ToolError } from "./lib/errors.ts";
import { parseBatch, submitBatch } from "./lib/jobs/batch.ts";
import { type Order, parseParams } from "./lib/jobs/order.ts";
import { submitCall } from "./lib/jobs/pay.ts";
import { JobRecords } from "./lib/jobs/record.ts";
import { RefusedError, submitJob } from "./lib/jobs/submit.ts";
import type { SubmitTalk } from "./lib/jobs/talk.ts";
import { parseAmount } from "./lib/network/amounts.ts";
import { readCurrency } from "./lib/network/funds.ts";
import { contractId, wholeNumber } from "./lib/options.ts";
import { personPath } from "./lib/person_path.ts";
import { CACHE } from "./lib/project.ts";

/** The longest time of an ephemeral pool, as the network began. */
const DEFAULT_MAX_TIME = 300;

let job: bigint | undefined;

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("submit", "Run an instruction on a refiner's data, and download its artifacts")
      .requiredOption("--instruction <id>", "the instruction that runs", contractId)
      .requiredOption("--refiner <id>", "the refiner whose data is queried", contractId)
      .option("--query <sql>", "the query; by default it is read from standard input")
      .option("--file <file>", "a file that holds the query; every byte of it is signed")
      .option("--params <json>", "the values of the query's placeholders", "[]")
      .option(
        "--max-time <seconds>",
        "how long the job may take; it chooses the pool of TEEs",
        wholeNumber({ min: 1 }),
        DEFAULT_MAX_TIME,
      )
      .option("--gpu", "the job needs a GPU")
      .option("--deposit <amount>", "deposit this much VANA with the job")
      .addOption(
        new Option("--batch <file>", "a job for each line: a JSON array of placeholders' values")
          .conflicts(["params", "deposit", "dryRun", "unsigned"]),
      )
      .option("--output <folder>", "where the artifacts go (default: artifacts/JOB)")
      .option("--logs", "show the job's log")
      .option("--again", "submit a job that has already ended again, and pay again")
      .option("--unchecked", "submit even if the query's permissions can't be determined")
      .option("--allow-http", "send the signature to a TEE without encryption"),
  )).addHelpText(
    "after",
    "\nWith --batch, the artifacts of line N go to the folder N in --output, and money is deposited\n" +
      "before, with `deno task funds --deposit`.\n" +
      "\nRun the same command again to resume an interrupted one; nothing is paid twice.\n" +
      "Exit code 0: the artifacts are in place; 1: refused, nothing was paid; 2: not known yet, and the\n" +
      "message says how to resume; 3: the job failed.",
  );
  const options = (await command.parseAsync()).opts();
  const signing = signingOf(options);
  const network = networkOf(options);
  const flags = ownFlags(options, network);
  const jobFlags = options.allowHttp ? `${flags} --allow-http` : flags;
  const order: Order = {
    ...options,
    query: await readQueryText(options),
    params: parseParams(options.params),
    gpu: options.gpu === true,
    deposit: options.deposit === undefined
      ? 0n
      : parseAmount(options.deposit, await readCurrency(network, zeroAddress)),
    folder: options.output === undefined ? undefined : personPath(options.output),
    allowHttp: options.allowHttp === true,
    logs: options.logs === true,
    again: options.again === true,
    unchecked: options.unchecked === true,
  };
  if (signing.kind === "unsigned") {
    print(JSON.stringify(unsignedTransaction(network, submitCall(network, order))));
    note("Nothing was checked or sent. The wallet that sends it must sign the query, too");
    return JOB_EXIT.done;
  }
  const records = new JobRecords(join(CACHE, "jobs"));
  const talk: SubmitTalk = {
    ...startConversation({
      yes: options.yes,
      lookUp: (hash) => `deno task job ${hash} --wait ${jobFlags}`,
    }),
    say: note,
    showLog: (line) => note(`  | ${line}`),
  };
  try {
    if (options.batch !== undefined) {
      const lines = parseBatch(readBatch(options.batch));
      const folder = order.folder ?? personPath(join("artifacts", parse(options.batch).name));
      const batch = { ...signing, records, talk, folder };
      return await showBatch(network, await submitBatch(network, order, lines, batch));
    }
    const ended = await submitJob(network, order, {
      ...signing,
      checked: false,
      records,
      talk,
      folderOf: (id) => personPath(join("artifacts", `${id}`)),
      onJob(id) {
        job = id;
      },
    });
    if (ended.kind === "unsent") showOutcome(ended.outcome);
    else await showFinished(network, ended.job);
    return JOB_EXIT.done;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw withNextStep(error, { job, flags: jobFlags });
    note("The network would refuse the job, so nothing was sent:");
    for (const problem of error.problems) {
      note(`- ${printable(problem.text)}`);
      note(`  ${remedyOf(problem, { ...order, flags })}`);
    }
    return JOB_EXIT.refused;
  }
}, { failure: (error) => submitExitCode(error, job) });

function readBatch(file: string): string {
  try {
    return Deno.readTextFileSync(personPath(file));
  } catch {
    throw new ToolError(`Can't read ${file}; expected a file with one JSON array per line`);
  }
}
