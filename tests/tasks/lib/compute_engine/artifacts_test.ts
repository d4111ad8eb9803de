/** Artifacts come whole or not at all, under names that stay in their folder. */

import assert from "node:assert/strict";
import { exists } from "../../../../src/files.ts";
import { readReport, type RemoteArtifact } from "../../../../tasks/lib/compute_engine/answers.ts";
import { downloadArtifacts } from "../../../../tasks/lib/compute_engine/artifacts.ts";
import { askJob, postJob } from "../../../../tasks/lib/compute_engine/client.ts";
import { JobText } from "../../../../tasks/lib/compute_engine/job_text.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { OWNER, TestComputeEngine } from "../../../support/compute_engine.ts";

const quiet = { warn() {} };

/** Says with which words a list of artifacts is refused before anything is asked. */
async function refusal(artifacts: readonly RemoteArtifact[]): Promise<string> {
  using folder = new TemporaryFolder({ prefix: "artifacts-" });
  await using engine = new TestComputeEngine();
  const into = folder.join("out");
  let message = "";
  try {
    await downloadArtifacts(await engine.remote(), artifacts, { folder: into, ...quiet });
  } catch (error) {
    message = (error as Error).message;
  }
  assert.deepEqual(engine.seen, []);
  assert.deepEqual([...Deno.readDirSync(folder.path)], []);
  return message;
}

const named = (...names: string[]): RemoteArtifact[] =>
  names.map((name, at) => ({ name, place: { id: `${at}` } }));

for (
  const [names, said] of [
    [["../out"], /has the part "\.\."/],
    [["/etc/passwd"], /is an absolute path/],
    [["a\\b"], /holds a backslash/],
    [["a\x1b[2J"], /holds a control or an invisible character/],
    [[".relay-x"], /has a part that begins with \.relay-/],
    [["x".repeat(256)], /has a part of over 255 bytes/],
    [["a", "a"], /can't be in one folder/],
    [["a.csv", "A.CSV"], /can't be in one folder/],
    [["e\u0301", "\u00e9"], /can't be in one folder/],
    [["a", "a/b"], /can't be in one folder/],
    [["a/b", "a"], /is a file and a folder/],
  ] as const
) {
  Deno.test(`artifacts ${JSON.stringify(names).slice(0, 40)} are refused`, async () => {
    assert.match(await refusal(named(...names)), said);
  });
}

for (const id of ["..", ".", ""]) {
  Deno.test(`an artifact's id ${JSON.stringify(id)} can't change the path`, async () => {
    const [artifact] = named("a.csv");
    assert.match(await refusal([{ ...artifact!, place: { id } }]), /neither an http URL nor an id/);
  });
}

Deno.test("an artifact's URL that isn't http is refused", async () => {
  const [artifact] = named("a.csv");
  const place = { url: "file:///etc/passwd" };
  assert.match(await refusal([{ ...artifact!, place }]), /neither an http URL nor an id/);
});

Deno.test("an artifact shorter than the engine says isn't taken for whole", async () => {
  using folder = new TemporaryFolder({ prefix: "artifacts-" });
  await using engine = new TestComputeEngine();
  const remote = await engine.remote();
  await postJob(remote, await TestComputeEngine.input());
  let report = await askJob(remote);
  while (report.state !== "succeeded") report = await askJob(remote);
  const larger = report.artifacts.map((artifact) => ({ ...artifact, size: 1000 }));
  await assert.rejects(
    downloadArtifacts(remote, larger, { folder: folder.join("out"), ...quiet }),
    /came with \d+ bytes; the Compute Engine says that it has 1000/,
  );
  assert.ok(!exists(folder.join("out")));
});

Deno.test("both forms of an artifact are read, and others are refused", () => {
  const text = new JobText([]);
  const read = (artifact: unknown) =>
    readReport({ status: "SUCCESS", artifacts: [artifact] }, text).artifacts[0];
  assert.deepEqual(read({ id: 7, name: "a" }), { name: "a", place: { id: "7" }, size: undefined });
  assert.deepEqual(read({ name: "a", url: "/x", id: "1", size_bytes: 3 }), {
    name: "a",
    place: { url: "/x" },
    size: 3,
  });
  assert.equal(read({ id: "1", file_name: "a", file_extension: "csv" })?.name, "a.csv");
  assert.equal(read({ id: "1", file_name: "a.csv", file_extension: ".csv" })?.name, "a.csv");
  assert.throws(() => read({ id: "1" }), /lists an artifact without a name/);
  assert.throws(() => read({ name: "a" }), /with neither a URL nor an id/);
  assert.throws(() => readReport({ artifacts: [] }, text), /answer has no status/);
});

Deno.test("the engine's text shows no signature", async () => {
  const signature = await OWNER.signMessage({ message: "12" });
  const text = new JobText([signature]);
  assert.ok(!text.detail({ detail: `header was ${signature}` }).includes(signature.slice(2, 40)));
});
