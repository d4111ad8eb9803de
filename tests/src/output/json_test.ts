/** JSON: what is written, and what is refused rather than lost. */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { ArtifactError } from "../../../mod.ts";
import { Results } from "../../../src/results/results.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";
import { withStaging } from "../../support/staging.ts";

async function written(value: unknown): Promise<string> {
  let result = "";
  await withStaging(async ({ artifacts, finish, text }) => {
    await artifacts.writeJson("a.json", value);
    finish();
    result = text("a.json");
  });
  return result;
}

async function refused(value: unknown): Promise<string> {
  let message = "";
  await withStaging(async ({ artifacts, names }) => {
    await assert.rejects(artifacts.writeJson("a.json", value), (error: Error) => {
      assert.ok(error instanceof ArtifactError, String(error));
      message = error.message.replace("a.json can't be written as JSON: ", "");
      return true;
    });
    assert.deepEqual(names(), []);
  });
  return message;
}

async function withResults(sql: string, check: (results: Results) => unknown): Promise<void> {
  using mounts = new Mounts();
  makeDatabase(mounts.inputDatabase, sql);
  using results = Results.open(mounts.inputDatabase);
  await check(results);
}

const ROWS = `[
  {"user_id":"u-1","locale":"de"},
  {"user_id":"u-2","locale":"fr-CA"},
  {"user_id":"u-3","locale":null}
]
`;

Deno.test("rows are an array with a line for each, however they come", async () => {
  await withResults(SMALL_RESULTS, async (results) => {
    assert.equal(await written(results.rows()), ROWS);
    assert.equal(await written([...results.rows()]), ROWS);
    assert.equal(await written(new Set(results.rows())), ROWS);
    assert.equal(await written(results.rows()[Symbol.iterator]()), ROWS);
    async function* later() {
      yield* results.rows();
    }
    assert.equal(await written(later()), ROWS);
  });
});

Deno.test("no items are an empty array", async () => {
  assert.equal(await written([]), "[]\n");
  await withResults("CREATE TABLE results(a)", async (results) => {
    assert.equal(await written(results.rows()), "[]\n");
  });
});

Deno.test("a value that isn't iterated over is indented", async () => {
  assert.equal(
    await written({ n: 2n ** 60n, rows: [1, "a"] }),
    '{\n  "n": "1152921504606846976",\n  "rows": [\n    1,\n    "a"\n  ]\n}\n',
  );
  assert.equal(await written("text"), '"text"\n');
  assert.equal(await written(null), "null\n");
});

for (
  const [what, value, json] of [
    ["a bigint", 5n, "5"],
    ["bytes", new Uint8Array([0, 255]), "00ff"],
    ["a Buffer", Buffer.from([0, 255]), "00ff"],
    ["a date", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a Set", new Set([1, 2n]), [1, "2"]],
    ["a Map", new Map<string, unknown>([["a", 1], ["b", new Map()]]), { a: 1, b: {} }],
    ["a URL", new URL("https://a.example/"), "https://a.example/"],
    ["an object with toJSON", { toJSON: () => ({ at: new Date(0) }) }, {
      at: "1970-01-01T00:00:00.000Z",
    }],
    ["an undefined member", { a: undefined, b: 1 }, { b: 1 }],
    ["half an emoji", "\ud83d", "\ud83d"],
    [
      "an instance of a class",
      new (class Point {
        x = 1;
      })(),
      { x: 1 },
    ],
  ] as const
) {
  Deno.test(`${what} is converted, as an item and as a member`, async () => {
    assert.deepEqual(JSON.parse(await written([value])), [json]);
    assert.deepEqual(JSON.parse(await written({ value })), { value: json });
    if (!(value instanceof Set)) assert.deepEqual(JSON.parse(await written(value)), json);
  });
}

for (
  const [what, value, problem] of [
    ["NaN", NaN, "is NaN"],
    ["an infinity", -Infinity, "is -Infinity"],
    ["an invalid date", new Date(NaN), "is an invalid date"],
    ["a function", () => {}, "is a function"],
    ["a symbol", Symbol("s"), "is a symbol"],
    ["a Map with other keys", new Map([[1, 2]]), "is a Map with a key that is a number"],
    ["an error", new Error("e"), "is a Error"],
    ["a regular expression", /e/, "is a RegExp"],
    ["an ArrayBuffer", new ArrayBuffer(1), "is a ArrayBuffer"],
    ["a Promise", Promise.resolve(1), "is a Promise; await it"],
    ["a generator", (function* () {})(), "is something to iterate over"],
    ["floats", new Float64Array(1), "is something to iterate over"],
  ] as const
) {
  Deno.test(`${what} is refused, and the message says where`, async () => {
    assert.ok((await refused({ rows: [0, { x: value }] })).startsWith(`$.rows[1].x ${problem}`));
    assert.ok((await refused([0, { "a b": value }])).startsWith(`$[1]["a b"] ${problem}`));
  });
}

Deno.test("undefined is refused but as a member", async () => {
  assert.equal(await refused(undefined), "$ is undefined");
  assert.equal(await refused([1, undefined]), "$[1] is undefined");
  // deno-lint-ignore no-sparse-arrays
  assert.equal(await refused({ a: [1, , 2] }), "$.a[1] is undefined");
});

Deno.test("a value that contains itself is refused, one that comes twice isn't", async () => {
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  assert.equal(await refused(loop), "$.self contains itself");
  const twice = { a: 1 };
  assert.deepEqual(JSON.parse(await written({ b: twice, c: twice })), { b: twice, c: twice });
});

Deno.test("a value nested too deeply is refused", async () => {
  let deep: unknown = 1;
  for (let depth = 0; depth < 100_000; depth++) deep = [deep];
  assert.match(await refused({ deep }), /^\$.* is nested too deeply$/);
});

Deno.test("rows from the database have the same conversions", async () => {
  await withResults(
    "CREATE TABLE results(a, b, c); INSERT INTO results VALUES (x'00ff', 1.5, 9007199254740993);",
    async (results) => {
      assert.equal(
        await written(results.rows({ integers: "bigint" })),
        '[\n  {"a":"00ff","b":1.5,"c":"9007199254740993"}\n]\n',
      );
    },
  );
  await withResults(
    "CREATE TABLE results(a); INSERT INTO results VALUES (1), (9e999);",
    async (r) => {
      assert.equal(await refused(r.rows()), "$[1].a is Infinity");
    },
  );
});

Deno.test("a key named __proto__ is a key like any other", async () => {
  const json = '{\n  "__proto__": 1,\n  "a": 2\n}\n';
  assert.equal(await written(JSON.parse(json)), json);
  assert.equal(await written(new Map([["__proto__", 1], ["a", 2]])), json);
});

Deno.test("text from the database is escaped where JSON asks for it", async () => {
  const texts = ['"', "\\", "/", "\u2028", "😀", "\x7f"];
  for (let code = 1; code < 32; code++) texts.push(String.fromCharCode(code));
  const values = texts.map((text) => `('${text}')`).join(", ");
  await withResults(
    `CREATE TABLE results("a""\\b"); INSERT INTO results VALUES ${values};`,
    async (results) => {
      const read = JSON.parse(await written(results.rows()));
      assert.deepEqual(read, texts.map((text) => ({ 'a"\\b': text })));
    },
  );
});

Deno.test("rows within a value are refused, not lost", async () => {
  await withResults(SMALL_RESULTS, async (results) => {
    assert.match(await refused({ rows: results.rows() }), /^\$\.rows is something to iterate over/);
  });
});

Deno.test("items that fail midway leave no file", async () => {
  await withStaging(async ({ artifacts, names }) => {
    function* items() {
      yield 1;
      throw new Error("midway");
    }
    await assert.rejects(artifacts.writeJson("a.json", items()), /midway/);
    assert.deepEqual(names(), []);
  });
});

Deno.test("JSON Lines have a line for each item", async () => {
  await withStaging(async ({ artifacts, text }) => {
    await artifacts.writeJsonLines("a.jsonl", [{ a: "x\ny" }, 2n, null]);
    await artifacts.writeJsonLines("none.jsonl", []);
    assert.equal(text("a.jsonl"), '{"a":"x\\ny"}\n"2"\nnull\n');
    assert.equal(text("none.jsonl"), "");
    await assert.rejects(artifacts.writeJsonLines("b.jsonl", [1, NaN]), /\$\[1\] is NaN/);
  });
});
