import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readEmbeddedProgram } from "../../../../tasks/lib/binary/embedded_program.ts";
import { TemporaryFolder } from "../../../../tasks/lib/temporary_folder.ts";
import { canCompile, sharedBinary } from "../../../support/artifacts.ts";
import {
  type BinaryParts,
  binaryParts,
  elfImage,
  embedFiles,
  makeBinary,
  takeBinaryApart,
  uint32,
} from "../../../support/compiled_binary.ts";

function read(bytes: Uint8Array) {
  using folder = new TemporaryFolder({ prefix: "embedded-test-", endOnSignal: false });
  Deno.writeFileSync(folder.join("relay"), bytes);
  return readEmbeddedProgram(folder.join("relay"));
}

Deno.test("the program is found with its files, their times and how it is run", () => {
  const { runtimeBytes, metadata, files } = read(makeBinary());
  assert.equal(runtimeBytes, elfImage().length);
  assert.equal(metadata.entrypoint_key, "host.js");
  assert.deepEqual(
    files.map(({ name, bytes, mtime }) => [name, new TextDecoder().decode(bytes), mtime]),
    [["host.js", "host();", 0], ["job.bundle", "job();", 0]],
  );
});

Deno.test("the sections cover the payload without gaps", () => {
  const bytes = makeBinary();
  const { runtimeBytes, sections } = read(bytes);
  let at = runtimeBytes;
  for (const { offset, length } of sections) {
    assert.equal(offset, at);
    at += length;
  }
  assert.equal(at, bytes.length);
});

Deno.test({
  name: "a compiled job holds its bundle",
  ignore: !canCompile,
  async fn() {
    const path = await sharedBinary();
    const { metadata, files } = readEmbeddedProgram(path);
    assert.ok(files.some(({ name }) => name === metadata.entrypoint_key));
    assert.ok(files.every(({ mtime, transpiled }) => mtime === 0 && transpiled === undefined));
    const bytes = Deno.readFileSync(path);
    assert.ok(Buffer.from(makeBinary(takeBinaryApart(bytes))).equals(bytes));
  },
});

Deno.test("files in folders have paths", () => {
  const file = (n: string, at: number) => ({ File: { n, o: [at, 1] } });
  const index = JSON.stringify([{ Dir: { n: "a", e: [file("b.js", 0)] } }, file("c.js", 1)]);
  const { files } = read(makeBinary({ index, data: Buffer.from("xy") }));
  assert.deepEqual(files.map(({ name }) => name), ["a/b.js", "c.js"]);
});

Deno.test("equal files may share their bytes", () => {
  const file = (n: string) => ({ File: { n, o: [0, 2] } });
  const parts = { index: JSON.stringify([file("a"), file("b")]), data: Buffer.from("xy") };
  assert.equal(read(makeBinary(parts)).files.length, 2);
});

Deno.test("code that runs in place of a file's is told", () => {
  const index = JSON.stringify([{ File: { n: "a.ts", o: [0, 4], m: [4, 4] } }]);
  const { files } = read(makeBinary({ index, data: Buffer.from("goodevil") }));
  assert.equal(new TextDecoder().decode(files[0]!.transpiled), "evil");
});

const one = (file: Record<string, unknown>) => JSON.stringify([{ File: file }]);
const { index: INDEX, data: DATA } = binaryParts();

/** Changes to a good binary, and what must be said of each. */
const UNEXPECTED: Record<string, [Partial<BinaryParts>, RegExp]> = {
  "that is a script": [{ runtime: Buffer.from("#!/bin/sh\n".repeat(9)) }, /isn't a 64-bit ELF/],
  "with a decoy between runtime and payload": [
    { between: makeBinary({ runtime: new Uint8Array() }) },
    /payload begins at byte \d+, but the ELF image ends at byte 64/,
  ],
  "with bytes in place of a trailer": [{ trailer: [0, 0] }, /doesn't end as one compiled by Deno/],
  "with another version's trailer": [{ trailer: [0x501e, 680] }, /doesn't end as one compiled/],
  "whose trailer announces too little": [{ lengthOff: -1 }, /payload begins at byte 65/],
  "whose trailer announces too much": [{ lengthOff: 64 }, /payload begins at byte 0/],
  "whose trailer announces more than the file": [
    { lengthOff: 9999 },
    /payload has \d+ bytes, but the binary only/,
  ],
  "whose trailer announces 4 GiB": [{ lengthOff: 2 ** 32 }, /the limit is 64 MiB/],
  "without the first magic": [{ firstMagic: "d3n0l4nD" }, /has no first magic/],
  "without the last magic": [{ lastMagic: "d3n0l4nD" }, /has no last magic/],
  "with bytes behind the last magic": [{ behind: Buffer.from("x") }, /has 1 byte behind/],
  "with metadata that isn't JSON": [{ metadata: "{" }, /metadata isn't JSON/],
  "with metadata that isn't an object": [{ metadata: "[]" }, /metadata isn't a JSON object/],
  "with a key twice in its metadata": [
    { metadata: '{"argv":[],"argv":["--evil"]}' },
    /metadata isn't written as Deno writes it/,
  ],
  "with a key twice, once escaped": [
    { metadata: '{"argv":[],"\\u0061rgv":["--evil"]}' },
    /metadata isn't written as Deno writes it/,
  ],
  "with spaces in its metadata": [{ metadata: '{ "argv":[]}' }, /isn't written as Deno writes it/],
  "with an npm snapshot": [{ npm: Buffer.from("x") }, /has npm snapshot \(1\); expected none/],
  "with specifiers": [{ specifiers: uint32(1) }, /has specifiers \(1\); expected none/],
  "with redirects": [{ redirects: uint32(2) }, /has redirects \(2\); expected none/],
  "with remote modules": [{ remote: uint32(3) }, /has remote modules \(3\); expected none/],
  "with an index that isn't a list": [{ index: "{}" }, /file index isn't a list/],
  "with a key twice in its index": [
    { index: '[{"File":{"n":"a","n":"b","o":[0,13]}}]' },
    /file index isn't written as Deno writes it/,
  ],
  "with a link": [{ index: '[{"Symlink":{"n":"a","p":["b"]}}]' }, /unexpected entry: .*Symlink/],
  "with a source map beside a file": [
    { index: one({ n: "a", o: [0, 13], s: [0, 13] }) },
    /unexpected entry/,
  ],
  "with a file without a name": [{ index: one({ n: "", o: [0, 13] }) }, /file with the name ""/],
  "with a name that is a path": [{ index: one({ n: "a/b", o: [0, 13] }) }, /the name "a\/b"/],
  "with a name that leads out": [{ index: one({ n: "..", o: [0, 13] }) }, /the name "\.\."/],
  "with a file twice": [
    { index: INDEX.replace("job.bundle", "host.js") },
    /file "host\.js" is out of order, or there twice/,
  ],
  "with files out of order": [
    { index: INDEX.replace("job.bundle", "a.js") },
    /file "a\.js" is out of order/,
  ],
  "with a file outside the data": [
    { index: one({ n: "a", o: [0, 14] }) },
    /file "a" lies outside the file data/,
  ],
  "with a negative offset": [{ index: one({ n: "a", o: [-1, 5] }) }, /unexpected entry/],
  "with data that belongs to no file": [
    { data: Buffer.concat([DATA, Buffer.from("evil")]) },
    /4 bytes of the program's file data belong to no file/,
  ],
  "with data between its files": [
    {
      index: JSON.stringify([{ File: { n: "a", o: [0, 1] } }, { File: { n: "b", o: [3, 10] } }]),
    },
    /2 bytes of the program's file data belong to no file/,
  ],
  "with files that overlap": [
    { index: JSON.stringify([{ File: { n: "a", o: [0, 8] } }, { File: { n: "b", o: [7, 6] } }]) },
    /files overlap/,
  ],
  "with a thousand folders in each other": [
    { index: `${'[{"Dir":{"n":"a","e":'.repeat(1000)}[]${"}}]".repeat(1000)}` },
    /more than 16 levels deep/,
  ],
  "with more files than there is use for": [
    {
      index: JSON.stringify(
        Array.from({ length: 1001 }, (_, at) => ({ File: { n: `${at + 1000}`, o: [0, 0] } })),
      ),
    },
    /more than 1000 files/,
  ],
};

for (const [what, [change, expected]] of Object.entries(UNEXPECTED)) {
  Deno.test(`a binary ${what} is refused`, () => {
    assert.throws(() => read(makeBinary(change)), { name: "ToolError", message: expected });
  });
}

Deno.test("a payload cut anywhere is refused", () => {
  const whole = makeBinary();
  const runtime = elfImage().length;
  for (let cut = runtime; cut < whole.length; cut++) {
    assert.throws(() => read(whole.subarray(0, cut)), { name: "ToolError" }, `at ${cut}`);
  }
});

Deno.test("a length that announces too much is refused, whichever it is", () => {
  const { sections } = read(makeBinary());
  for (const { name, offset } of sections.filter(({ name }) => !/magic|trailer/.test(name))) {
    const bytes = makeBinary();
    bytes[offset + 3] = 0x7f;
    assert.throws(() => read(bytes), { name: "ToolError" }, name);
  }
});

Deno.test("what a binary says of itself is shown printably", () => {
  const index = one({ n: "\u202e/..", o: [0, 13] });
  assert.throws(() => read(makeBinary({ index })), /the name "\\u\{202e\}\/\.\."/);
});

Deno.test("the files of a good binary are its own", () => {
  const { files } = read(makeBinary(embedFiles({ "only.js": "1" })));
  assert.deepEqual(files.map(({ name }) => name), ["only.js"]);
});
