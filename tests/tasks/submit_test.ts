/** `deno task submit`: from a query to artifacts on this disk, against contracts on a local EVM. */

import assert from "node:assert/strict";
import { PRICE, testWithJobs, TWO_FILES } from "../support/job_network.ts";

testWithJobs(
  "submit pays once, and puts the artifacts and their checksums in place",
  async (network) => {
    const { code, stdout, stderr } = await network.submit("--logs");
    assert.equal(code, 0, stderr);
    assert.deepEqual(network.files(), TWO_FILES);
    const sums = Deno.readTextFileSync(`${network.output}.SHA256SUMS`);
    assert.match(
      sums,
      /^[0-9a-f]{64} {2}out\/by_day\/1\.json\n[0-9a-f]{64} {2}out\/report\.csv\n$/,
    );
    assert.match(stdout, /report\.csv {2}10 bytes/);
    assert.match(stderr, /Job 1 cost 0\.01 VANA/);
    assert.match(stderr, /^ {2}\| writing$/m);
    assert.deepEqual(await network.payments(), [PRICE]);
  },
);
