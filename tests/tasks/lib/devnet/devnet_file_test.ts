/** The file by which tasks find a devnet: what is wrong in one is said without its keys. */

import assert from "node:assert/strict";
import { readDevnetFile } from "../../../../tasks/lib/devnet/devnet_file.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";

for (
  const [name, content, words] of [
    ["no JSON", `{"keys": {"tee": "secret"`, /it isn't JSON/],
    [
      "a wrong key",
      `{"rpc": "", "chainId": 1, "contracts": {}, "keys": {"tee": "secret"}}`,
      /keys\.tee isn't what/,
    ],
    ["no contracts", `{"rpc": "", "chainId": 1}`, /contracts isn't what it must be/],
    ["too few contracts", `{"rpc": "", "chainId": 1, "contracts": {}}`, /is missing/],
  ] as const
) {
  Deno.test(`a devnet's file with ${name} is refused without its keys`, () => {
    using folder = new TemporaryFolder({ prefix: "devnet-" });
    const file = folder.join("devnet.json");
    Deno.writeTextFileSync(file, content);
    assert.throws(() => readDevnetFile(file), (error: Error) => {
      assert.match(error.message, words);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}
