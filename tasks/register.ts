// deno task register: puts an archive's URL and SHA-256 on-chain.

import { type JobClaims, readClaims } from "./lib/audit/job_claims.ts";
import { isUrl } from "./lib/audit/fetch_archive.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import {
  networkOf,
  ownFlags,
  signingOf,
  withChainOptions,
  withSigningOptions,
} from "./lib/cli/chain_options.ts";
import { failureOf } from "./lib/cli/format_proof.ts";
import { withProofOptions } from "./lib/cli/proof_options.ts";
import { showOutcome, startConversation } from "./lib/cli/conversation.ts";
import { messageForOwner } from "./lib/cli/owner_message.ts";
import { ARCHIVE } from "./lib/project.ts";
import { register } from "./lib/network/register.ts";
import { personPath, shortPath } from "./lib/person_path.ts";

await runTask(async () => {
  const command = withProofOptions(withSigningOptions(withChainOptions(
    task("register", "Prove what a URL serves and register it as a compute instruction")
      .requiredOption("--url <url>", "the archive's public https URL")
      .option("--archive <file>", "the archive it must serve", shortPath(ARCHIVE))
      .option("--again", "register even if it is registered already")
      .option("--allow-test-runtime", "allow a binary on the runtime of `deno task denort`")
      .option("--unproved", "register an archive that can't be proved or disproved"),
  )));
  const options = (await command.parseAsync()).opts();
  const signing = signingOf(options);
  const network = networkOf(options);
  const flags = ownFlags(options, network) + (options.allowHttp ? " --allow-http" : "");
  const conversation = startConversation({
    yes: options.yes,
    lookUp: (hash) => `deno task status ${hash} ${flags}`,
  });
  const archive = isUrl(options.archive) ? options.archive : personPath(options.archive);
  const registration = { ...options, archive };
  const { outcome, instruction } = await register(network, registration, signing, conversation);
  const receipt = showOutcome(outcome);
  if (instruction === undefined) return;
  if (receipt === undefined) note("(--again registers it once more)");
  else note(`Registered (transaction ${receipt.transactionHash}, block ${receipt.blockNumber})`);
  print(`Instruction ${instruction.id}`);
  print();
  const job = await readClaims(archive).catch((): JobClaims => ({}));
  const { base, allowHttp, contracts } = options;
  const ownContracts = contracts !== undefined;
  print(messageForOwner(network, instruction, { job, base, allowHttp, ownContracts }));
  note("\nNext: send this message to the DLP's owner, and wait for the approval:");
  note(`  deno task status ${instruction.id} --dlp DLP_ID ${flags}`);
}, { failure: failureOf });
