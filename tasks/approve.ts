// deno task approve: admits an instruction to a DLP's data, after the proof of its archive.

import { note, print, runTask, task } from "./lib/cli.ts";
import {
  networkOf,
  ownFlags,
  signingOf,
  withChainOptions,
  withSigningOptions,
} from "./lib/cli/chain_options.ts";
import { failureOf } from "./lib/cli/format_proof.ts";
import { sourceOf, withProofOptions, withSourceOptions } from "./lib/cli/proof_options.ts";
import { showOutcome, startConversation } from "./lib/cli/conversation.ts";
import { ToolError } from "./lib/errors.ts";
import { decide } from "./lib/network/decide.ts";
import { contractId } from "./lib/options.ts";

await runTask(async () => {
  const command = withSourceOptions(withProofOptions(withSigningOptions(withChainOptions(
    task("approve", "Prove an instruction and approve it for your DLP's data")
      .argument("<id>", "the instruction's id", contractId)
      .requiredOption("--dlp <id>", "your DLP's id", contractId)
      .option("--without-source", "approve without comparing the program with its source")
      .option("--unproved", "approve an archive that can't be proved or disproved"),
  ))));
  const parsed = await command.parseAsync();
  const [id] = parsed.processedArgs;
  const options = parsed.opts();
  const { dlp } = options;
  const compareSource = sourceOf(options);
  if ((compareSource === undefined) !== (options.withoutSource === true)) {
    throw new ToolError(
      "Expected either --source with the builder's checkout, which must make the same program, or " +
        "--without-source",
    );
  }
  const signing = signingOf(options);
  const network = networkOf(options);
  const flags = ownFlags(options, network);
  const conversation = startConversation({
    yes: options.yes,
    lookUp: (hash) => `deno task status ${hash} ${flags}`,
  });
  const { base, allowHttp, unproved } = options;
  const decision = { id, dlp, approved: true, proof: { base, allowHttp, unproved, compareSource } };
  if (compareSource === undefined) {
    note(
      "Without --source, nothing checks that the program was built from the builder's source",
    );
  }
  const outcome = await decide(network, decision, signing, conversation);
  const receipt = showOutcome(outcome);
  if (receipt === undefined) return;
  const { transactionHash, blockNumber } = receipt;
  print(
    `Approved instruction ${id} for DLP ${dlp} ` +
      `(transaction ${transactionHash}, block ${blockNumber})`,
  );
  note(`Next: to undo this, \`deno task revoke ${id} --dlp ${dlp} ${flags}\``);
}, { failure: failureOf });
