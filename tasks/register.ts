// deno task register: puts an archive's URL and SHA-256 on-chain.

import { withChainOptions, withSigningOptions } from "./lib/chain/options.ts";
import { register } from "./lib/network/register.ts";
import { runTask, shortPath, task } from "./lib/cli.ts";
import { ARCHIVE } from "./lib/project.ts";

await runTask(async () => {
  const command = withSigningOptions(withChainOptions(
    task("register", "Audit what a URL serves and register it as a compute instruction")
      .requiredOption("--url <url>", "the https URL by which anyone gets the archive")
      .option("--archive <file>", "the archive it must serve", shortPath(ARCHIVE))
      .option("--base <image>", "the base it must have, if not the Dockerfile's")
      .option("--again", "register what is registered already")
      .option("--allow-http", "admit http URLs of this machine itself")
      .option("--allow-test-runtime", "admit a binary on the runtime of `deno task denort`"),
  ));
  await register((await command.parseAsync()).opts());
});
