// deno task job: shows what chain and engine say of a job, and brings it to its end.

import { InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { join } from "node:path";
import { type Hash, isHash } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import type { Signing } from "./lib/chain/change.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import {
  networkOf,
  ownFlags,
  signerOf,
  withChainOptions,
  withSigningOptions,
} from "./lib/cli/chain_options.ts";
import { showOutcome, startConversation } from "./lib/cli/conversation.ts";
import { JOB_EXIT, jobExitCode, showFinished } from "./lib/cli/job_end.ts";
import { jobToJson, showJob } from "./lib/cli/show_job.ts";
import { ToolError } from "./lib/errors.ts";
import { changeJob, type JobChange } from "./lib/jobs/change_job.ts";
import { finishAlone } from "./lib/jobs/finish.ts";
import { inspectJob } from "./lib/jobs/inspect.ts";
import { locateJob } from "./lib/jobs/locate.ts";
import { JobRecords } from "./lib/jobs/record.ts";
import { contractId } from "./lib/options.ts";
import { personPath } from "./lib/person_path.ts";
import { CACHE } from "./lib/project.ts";

/** What an error stands for that isn't the job's own failure. */
let failure: number = JOB_EXIT.refused;

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("job", "Show a job, wait for it, download its artifacts")
      .argument("<id>", "the job's id, or the hash of the transaction that submitted it", idOrHash)
      .option("--wait", "wait for its end, and download its artifacts")
      .option("--artifacts <folder>", "download its artifacts to this folder")
      .option("--logs", "show its log")
      .option("--allow-http", "send the signature to a TEE without encryption")
      .addOption(new Option("--cancel", "cancel it on-chain").conflicts(["resubmit", "wait"]))
      .option("--resubmit", "offer it to the TEEs again if none has taken it")
      .option("--json", "print JSON"),
  )).addHelpText(
    "after",
    "\nWithout its owner's key, only what is on-chain is shown.\n" +
      "Exit code 0: it succeeded, and its artifacts are in place if they were asked for; 1: refused;\n" +
      "2: not known yet; 3: it failed.",
  );
  const parsed = await command.parseAsync();
  const [subject] = parsed.processedArgs;
  const options = parsed.opts();
  const { timeout, json, dryRun, unsigned } = options;
  const network = networkOf(options);
  const flags = ownFlags(options, network);
  const account = signerOf(options);
  const records = new JobRecords(join(CACHE, "jobs"));
  const talk = {
    ...startConversation({ yes: options.yes, lookUp: () => `deno task job ${subject} ${flags}` }),
    say: note,
    showLog: (line: string) => note(`  | ${line}`),
  };
  const change: JobChange | undefined = options.cancel
    ? "cancel"
    : options.resubmit
    ? "resubmit"
    : undefined;
  const signing: Signing | undefined = change === undefined
    ? undefined
    : unsigned
    ? { kind: "unsigned" }
    : { kind: dryRun ? "simulate" : "send", account: expectAccount(account), timeout };
  const finishes = options.wait === true || options.artifacts !== undefined;
  if (finishes) expectAccount(account);
  failure = JOB_EXIT.unknown;
  const waits = { timeout: options.wait ? timeout : 0, say: note };
  const located = await locateJob(network, subject, { records, ...waits });
  const { id, record } = located;
  const asker = {
    allowHttp: options.allowHttp === true,
    logs: options.logs === true,
    records,
    talk,
  };
  if (change !== undefined && signing !== undefined) {
    failure = JOB_EXIT.refused;
    const outcome = await changeJob(network, id, change, signing, talk);
    if (showOutcome(outcome) === undefined) return JOB_EXIT.done;
    note(change === "cancel" ? `Job ${id} is canceled` : `Job ${id} was offered to the TEEs again`);
    if (!options.wait) return JOB_EXIT.done;
    failure = JOB_EXIT.unknown;
  }
  if (finishes) {
    const folder = options.artifacts === undefined
      ? record?.folder ?? personPath(join("artifacts", `${id}`))
      : personPath(options.artifacts);
    const finished = await finishAlone(network, located, {
      ...asker,
      account: expectAccount(account),
      folder,
      wait: options.wait === true,
    });
    const shown = { ...asker, account, logs: false };
    if (json) {
      print(JSON.stringify(jobToJson(network, await inspectJob(network, located, shown)), null, 2));
    } else await showFinished(network, finished);
    return JOB_EXIT.done;
  }
  const known = await inspectJob(network, located, { ...asker, account });
  if (json) print(JSON.stringify(jobToJson(network, known), null, 2));
  else await showJob(network, known);
  return {
    going: JOB_EXIT.unknown,
    succeeded: JOB_EXIT.done,
    failed: JOB_EXIT.failed,
  }[known.state];
}, { failure: (error) => jobExitCode(error, failure) });

function idOrHash(text: string): bigint | Hash {
  if (isHash(text)) return text.toLowerCase() as Hash;
  try {
    return contractId(text);
  } catch {
    throw new InvalidArgumentError("expected a whole number above 0, or a transaction's hash");
  }
}

function expectAccount(account: PrivateKeyAccount | undefined): PrivateKeyAccount {
  if (account !== undefined) return account;
  throw new ToolError(
    "There is no key; expected the job owner's in PRIVATE_KEY or --key-file",
  );
}
