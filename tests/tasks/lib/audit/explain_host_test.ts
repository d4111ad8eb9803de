import assert from "node:assert/strict";
import { explainHost } from "../../../../tasks/lib/audit/explain_host.ts";
import { readReleases, thisVersion } from "../../../../tasks/lib/release/releases.ts";

const [UNKNOWN, OURS] = ["1".repeat(64), "2".repeat(64)];
const THIS = thisVersion();

Deno.test("a host that is recorded is named by its release, whatever the label claims", () => {
  const { host } = readReleases()[THIS]!;
  const explained = explainHost(host, OURS, "9.9.9");
  assert.match(
    explained,
    /^the host \(host\.js\) is that of release [\d.]+, but this checkout's own was/,
  );
  assert.ok(explained.endsWith(`in an unchanged checkout of v${THIS}`));
});

Deno.test("of a host that isn't recorded, what its label claims is said as a claim", () => {
  assert.match(
    explainHost(UNKNOWN, OURS, "9.9.9"),
    /no release that this checkout knows: 1{64} in the archive, 2{64} here\. A label claims release 9\.9\.9/,
  );
});

for (
  const claimed of [undefined, THIS, "", "v9", "1.0.0 and more", "1.0.0\nor more", "9".repeat(99)]
) {
  Deno.test(`a label that says ${JSON.stringify(claimed)} isn't quoted`, () => {
    assert.match(explainHost(UNKNOWN, OURS, claimed), / 2{64} here$/);
  });
}
