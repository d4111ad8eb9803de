// deno task approve: admits an instruction to a DLP's data, after the audit of its archive.

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
    task("approve", "Audit an instruction and admit it to the data of your DLP")
      .argument("<id>", "the instruction's id", contractId)
      .requiredOption("--dlp <id>", "your DLP's id", contractId)
      .option("--rebuild", "export this checkout again and compare")
      .option("--base <image>", "the base it must have, if not the Dockerfile's")
      .option("--allow-http", "admit http URLs of this machine itself"),
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
  const { rebuild, base, allowHttp } = options;
  const decision = { id, dlp, approved: true, audit: { rebuild, base, allowHttp } };
  const outcome = await decide(network, decision, signing, conversation);
  const receipt = showOutcome(outcome);
  if (receipt === undefined) return;
  const { transactionHash, blockNumber } = receipt;
  print(
    `Approved instruction ${id} for DLP ${dlp} ` +
      `(transaction ${transactionHash}, block ${blockNumber})`,
  );
  note(`Next: to take it back, \`deno task revoke ${id} --dlp ${dlp} ${flags}\``);
});
