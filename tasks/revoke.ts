// deno task revoke: shuts an instruction out of a DLP's data.

import { note, print, runTask, task } from "./lib/cli.ts";
import {
  networkOf,
  ownFlags,
  signingOf,
  withChainOptions,
  withSigningOptions,
} from "./lib/cli/chain_options.ts";
import { showOutcome, startConversation } from "./lib/cli/conversation.ts";
import { decide } from "./lib/network/decide.ts";
import { contractId } from "./lib/options.ts";

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("revoke", "Revoke the approval of an instruction for your DLP's data")
      .argument("<id>", "the instruction's id", contractId)
      .requiredOption("--dlp <id>", "your DLP's id", contractId),
  ));
  const parsed = await command.parseAsync();
  const [id] = parsed.processedArgs;
  const options = parsed.opts();
  const { dlp } = options;
  const signing = signingOf(options);
  const network = networkOf(options);
  const flags = ownFlags(options, network);
  const conversation = startConversation({
    yes: options.yes,
    lookUp: (hash) => `deno task status ${hash} ${flags}`,
  });
  const outcome = await decide(network, { id, dlp, approved: false }, signing, conversation);
  const receipt = showOutcome(outcome);
  if (receipt === undefined) return;
  const { transactionHash, blockNumber } = receipt;
  print(
    `Revoked instruction ${id} for DLP ${dlp} ` +
      `(transaction ${transactionHash}, block ${blockNumber})`,
  );
  note(`Next: to see what is still approved, \`deno task status --dlp ${dlp} ${flags}\``);
});
