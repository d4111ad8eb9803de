// deno task revoke: shuts an instruction out of a DLP's data.

import { decide } from "./lib/network/decide.ts";
import { withChainOptions, withSigningOptions } from "./lib/chain/options.ts";
import { runTask, task } from "./lib/cli.ts";

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("revoke", "Shut an instruction out of the data of your DLP")
      .argument("<id>", "the instruction's id")
      .requiredOption("--dlp <n>", "your DLP's id"),
  ));
  const parsed = await command.parseAsync();
  await decide(parsed.args[0]!, { ...parsed.opts(), approved: false });
});
