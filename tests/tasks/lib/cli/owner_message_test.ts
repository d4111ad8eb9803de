/** The message by which a DLP's owner audits an instruction. */

import assert from "node:assert/strict";
import { messageForOwner, type MessageOptions } from "../../../../tasks/lib/cli/owner_message.ts";
import { openNetwork } from "../../../../tasks/lib/network/network.ts";

const INSTRUCTION = {
  id: 12n,
  sha256: "5c".repeat(32),
  owner: "0x5786B12b4c6Ba2bFAF0e77Ed30Bf6d32805563A5",
  url: "https://files.example.net/job.tar.gz",
} as const;

const JOB = {
  name: "count",
  network: "none",
  source: "https://git.example.net/team/job.git",
  revision: "0123456789abcdef0123456789abcdef01234567",
  version: "1.2.3",
};

function message(options: Partial<MessageOptions> = {}): string {
  const network = openNetwork({ network: "moksha" });
  return messageForOwner(network, INSTRUCTION, { job: JOB, ownContracts: false, ...options });
}

Deno.test("the message names the job, its rights, its source and the commands", () => {
  const text = message();
  for (
    const line of [
      "    job        count, network none",
      "    git clone https://git.example.net/team/job.git job-source",
      "    git -C job-source checkout 0123456789abcdef0123456789abcdef01234567",
      "    deno task verify --instruction 12 --source job-source --network moksha",
      "    deno task approve 12 --dlp YOUR_DLP_ID --source job-source --network moksha",
    ]
  ) assert.ok(text.split("\n").includes(line), `${line}\n\n${text}`);
  assert.match(text, /release 1\.2\.3 that you trust/);
});

Deno.test("the message has no path of the builder's machine", () => {
  const text = message({ base: "/home/builder/base.tar", ownContracts: true });
  assert.doesNotMatch(text, /\/home/);
  assert.match(text, /--network moksha --contracts contracts\.json --base BASE$/m);
  assert.match(text, /^ +\{"ComputeInstructionRegistry":"0x/m);
  const named = message({ base: "registry.example.net/base@sha256:00" });
  assert.match(named, /--base registry\.example\.net\/base@sha256:00$/m);
});

for (
  const [name, source] of Object.entries({
    "of the template": "https://example.org/result-relay",
    "that isn't https": "ssh://git@git.example.net/job",
    "with a command": "https://git.example.net/job;id",
    "that is an option": "--upload-pack=id",
    "with a password": "https://me:secret@git.example.net/job",
  })
) {
  Deno.test(`the message clones no repository ${name}`, () => {
    const text = message({ job: { ...JOB, source } });
    assert.doesNotMatch(text, /git clone/);
    assert.match(text, /set org\.opencontainers\.image\.source/);
  });
}

Deno.test("the message says where no commit is named, or an odd one", () => {
  for (const revision of [undefined, "main; id", "--help"]) {
    assert.match(message({ job: { ...JOB, revision } }), /job-source {3}# at COMMIT/);
  }
});

Deno.test("the message of an archive that says nothing of its job does without", () => {
  assert.match(message({ job: {} }), /job {8}unknown, network unknown/);
});
