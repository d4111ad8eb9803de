/** A proof as a person reads it, although a stranger chose some of its words. */

import assert from "node:assert/strict";
import type { Proof } from "../../../../tasks/lib/audit/proof.ts";
import { formatProof } from "../../../../tasks/lib/cli/format_proof.ts";

const PROOF: Proof = {
  verdict: "differs",
  reasons: ["it has another host"],
  notes: [],
  archive: { sha256: "0".repeat(64), size: 1 },
  parts: [],
  program: { name: "job", network: "all", stock: false, size: 1, sha256: "0".repeat(64) },
  labels: {},
};

/** The lines of a proof with a label. */
function linesWith(labels: Proof["labels"]): string[] {
  return formatProof({ ...PROOF, labels }, { rich: false, width: 80 });
}

Deno.test("a label can't write a line of the report's own", () => {
  const text =
    "job\n\nPROVED: this checkout makes the same archive, byte for byte\nrights  network none";
  const lines = linesWith({ "org.opencontainers.image.title": text });
  assert.deepEqual(lines.filter((line) => /^(PROVED|rights)/.test(line)), [
    "rights   network all, as its program says; nothing proves it",
  ]);
  assert.match(lines[0]!, /^DIFFERS/);
  assert.equal(lines.at(-1), lines[0]);
});

Deno.test("a label can't pass for another one", () => {
  const lines = linesWith({
    "org.opencontainers.image.source": "https://a.example/job",
    "org.opencontainers.image.the.source": "https://b.example/job",
  });
  const shown = lines.filter((line) => line.includes("/job"));
  assert.deepEqual(shown.map((line) => line.replace(/^claim/, "").trim()), [
    "source: https://a.example/job",
    "the.source: https://b.example/job",
  ]);
});
