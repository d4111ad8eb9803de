/** What is written down of a job: whole, for its owner's eyes, and never guessed at. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { type JobRecord, JobRecords } from "../../../../tasks/lib/jobs/record.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { newPerson } from "../../../support/people.ts";

const HASH = `0x${"ab".repeat(32)}` as const;

function someRecord(params = "[]"): JobRecord {
  return {
    key: {
      network: "14800 0x1",
      account: newPerson().account.address,
      instruction: 2n ** 200n,
      refiner: 1n,
      query: "SELECT '\u{1f4a7}'\n",
      params,
    },
    transactions: [{ hash: HASH, nonce: 3, block: 7n, call: "0x" }],
    posts: 1,
    job: 12n,
    posted: new Date(0),
    end: { kind: "failed", reason: "no" },
  };
}

Deno.test("a record is read as it was written, by its key, its job and its transaction", () => {
  using folder = new TemporaryFolder({ prefix: "records-" });
  const records = new JobRecords(folder.join("jobs"));
  const record = someRecord();
  records.write(record);
  assert.deepEqual(records.read(record.key), record);
  assert.deepEqual(records.find(record.key.network, 12n), record);
  assert.deepEqual(records.find(record.key.network, HASH), record);
  assert.equal(records.find("14801 0x1", 12n), undefined);
  assert.equal(records.read({ ...record.key, params: "[1]" }), undefined);
});

Deno.test("a record that can't be read stops a submission, as it may have been paid for", () => {
  using folder = new TemporaryFolder({ prefix: "records-" });
  const records = new JobRecords(folder.path);
  const record = someRecord();
  records.write(record);
  const [{ name }] = [...Deno.readDirSync(folder.path)] as [Deno.DirEntry];
  Deno.writeTextFileSync(join(folder.path, name), "{");
  assert.throws(() => records.read(record.key), /Find out whether that job was paid for/);
});

Deno.test("one submission at a time is worked on", async () => {
  using folder = new TemporaryFolder({ prefix: "records-" });
  const records = new JobRecords(folder.path);
  const { key } = someRecord();
  const order: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = records.withLock(key, () => {}, async () => {
    order.push("first begins");
    await promise;
    order.push("first ends");
  });
  const second = records.withLock(key, resolve, () => {
    order.push("second");
    return Promise.resolve();
  });
  await Promise.all([first, second]);
  assert.deepEqual(order, ["first begins", "first ends", "second"]);
});
