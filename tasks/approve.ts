// deno task approve: admits an instruction to a DLP's data, after the audit of its archive.

import { decide } from "./lib/network/decide.ts";
import { withChainOptions, withSigningOptions } from "./lib/chain/options.ts";
import { runTask, task } from "./lib/cli.ts";

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("approve", "Audit an instruction and admit it to the data of your DLP")
      .argument("<id>", "the instruction's id")
      .requiredOption("--dlp <n>", "your DLP's id")
      .option("--rebuild", "export this checkout again and compare")
      .option("--base <image>", "the base it must have, if not the Dockerfile's")
      .option("--allow-http", "admit http URLs of this machine itself"),
  ));
  const parsed = await command.parseAsync();
  const { rebuild, base, allowHttp, ...options } = parsed.opts();
  const audit = { rebuild, base, allowHttp };
  await decide(parsed.args[0]!, { ...options, approved: true, audit });
});
