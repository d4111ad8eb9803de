/** CSV: what is written, and what is refused rather than lost. */

import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { ArtifactError, type CsvOptions } from "../../../mod.ts";
import { Results } from "../../../src/results/results.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";
import { withStaging } from "../../support/staging.ts";

async function written(rows: Iterable<object>, options?: CsvOptions): Promise<string> {
  let result = "";
  await withStaging(async ({ artifacts, finish, text }) => {
    await artifacts.writeCsv("a.csv", rows, options);
    finish();
    result = text("a.csv");
  });
  return result;
}

async function refused(rows: Iterable<object>, options?: CsvOptions): Promise<string> {
  let message = "";
  await withStaging(async ({ artifacts, names }) => {
    await assert.rejects(artifacts.writeCsv("a.csv", rows, options), (error: Error) => {
      assert.ok(error instanceof ArtifactError, String(error));
      message = error.message;
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

Deno.test("CSV is what another library reads back", async () => {
  const rows = [
    { "plain": "a", 'quo"te': 'say "hi"', "comma,": "1,5", "line\nbreak": "x\r\ny" },
    { "plain": "", 'quo"te': "ü😀", "comma,": " spaced ", "line\nbreak": "" },
  ];
  assert.deepEqual(parse(await written(rows), { columns: true }), rows);
});

Deno.test("CSV ends lines with CRLF and tells NULL from an empty string", async () => {
  assert.equal(
    await written([{ a: null, b: "", c: 5n, d: new Uint8Array([1, 255]), e: undefined }]),
    'a,b,c,d,e\r\n,"",5,01ff,\r\n',
  );
});

Deno.test("booleans, dates and infinities have a documented form", async () => {
  assert.equal(
    await written([{ a: true, b: new Date(0), c: Infinity, d: -Infinity }]),
    "a,b,c,d\r\ntrue,1970-01-01T00:00:00.000Z,Infinity,-Infinity\r\n",
  );
});

Deno.test("rows of an async generator are written", async () => {
  await withStaging(async ({ artifacts, text }) => {
    async function* rows() {
      yield { a: 1 };
      await Promise.resolve();
      yield { a: 2 };
    }
    await artifacts.writeCsv("a.csv", rows());
    assert.equal(text("a.csv"), "a\r\n1\r\n2\r\n");
  });
});

Deno.test("one `results.rows()` can be written twice", async () => {
  await withResults(SMALL_RESULTS, (results) =>
    withStaging(async ({ artifacts, text }) => {
      const rows = results.rows();
      await artifacts.writeCsv("a.csv", rows);
      await artifacts.writeCsv("b.csv", rows);
      assert.equal(text("a.csv"), "user_id,locale\r\nu-1,de\r\nu-2,fr-CA\r\nu-3,\r\n");
      assert.equal(text("b.csv"), text("a.csv"));
    }));
});

Deno.test("results without rows give their header line", async () => {
  await withResults("CREATE TABLE results(a, b);", async (results) => {
    assert.equal(await written(results.rows()), "a,b\r\n");
  });
});

Deno.test("`columns` chooses and orders, of results and of objects alike", async () => {
  await withResults(SMALL_RESULTS, async (results) => {
    const columns = ["locale", "user_id"];
    const text = await written(results.rows(), { columns });
    assert.match(text, /^locale,user_id\r\nde,u-1\r\n/);
    assert.equal(await written([...results.rows()], { columns }), text);
    assert.match(await written(results.rows(), { columns: ["locale"] }), /^locale\r\nde\r\n/);
  });
});

Deno.test("a column that isn't there is refused, and the one that was meant is named", async () => {
  await withResults(SMALL_RESULTS, async (results) => {
    const columns = ["Locale"];
    const message = /no column "Locale"; did you mean "locale"\?/;
    assert.match(await refused(results.rows(), { columns }), message);
    assert.match(await refused([...results.rows()], { columns }), message);
  });
});

Deno.test("a row that lacks a column is refused by row and column", async () => {
  assert.equal(await refused([{ a: 1, b: 2 }, { a: 1 }]), 'a.csv: row 2 has no column "b"');
});

Deno.test("a row with a further column is refused by row and column", async () => {
  assert.match(
    await refused([{ a: 1 }, { a: 1, b: 2 }]),
    /^a\.csv: row 2 has the column "b", which the first row lacks/,
  );
});

for (
  const [what, value, problem] of [
    ["an object", {}, /the value is an object/],
    ["an array", [1], /the value is an array/],
    ["a function", () => {}, /the value is a function/],
    ["NaN", NaN, /the value is NaN/],
    ["an invalid date", new Date(NaN), /the date is invalid/],
    ["half an emoji", "a\ud83d", /holds half of a surrogate pair/],
  ] as const
) {
  Deno.test(`${what} is refused by row and column`, async () => {
    const message = await refused([{ x: 1 }, { x: value }]);
    assert.match(message, /^a\.csv: row 2, column "x": /);
    assert.match(message, problem);
  });
}

Deno.test("a column of a name that objects inherit is missing all the same", async () => {
  assert.match(await refused([{ a: 1 }], { columns: ["toString"] }), /column "toString"/);
});

Deno.test("a row that is no object is refused", async () => {
  assert.match(await refused([{ a: 1 }, [1]]), /row 2 is an array; expected an object/);
});

Deno.test("rows that fail midway leave no file", async () => {
  await withStaging(async ({ artifacts, names }) => {
    function* rows() {
      yield { a: 1 };
      throw new Error("midway");
    }
    await assert.rejects(artifacts.writeCsv("a.csv", rows()), /midway/);
    assert.deepEqual(names(), []);
  });
});

Deno.test("`bom` begins with a byte order mark", async () => {
  await withStaging(async ({ artifacts, directory }) => {
    await artifacts.writeCsv("a.csv", [{ a: 1 }], { bom: true });
    assert.deepEqual(
      [...Deno.readFileSync(`${directory}/a.csv`)].slice(0, 4),
      [0xef, 0xbb, 0xbf, 0x61],
    );
  });
});

Deno.test("`safeFormulas` marks text that a spreadsheet would run, and no numbers", async () => {
  const rows = ["=1+1", "+1", "-1", "@a", "\ta", "\ra", "a=1", "", -1].map((a) => ({ a }));
  assert.equal(
    await written(rows, { safeFormulas: true }),
    "a\r\n'=1+1\r\n'+1\r\n'-1\r\n'@a\r\n'\ta\r\n\"'\ra\"\r\na=1\r\n\"\"\r\n-1\r\n",
  );
  await withResults(
    "CREATE TABLE results(a); INSERT INTO results VALUES ('=1'), (-1)",
    async (r) => {
      assert.equal(await written(r.rows(), { safeFormulas: true }), "a\r\n'=1\r\n-1\r\n");
    },
  );
});
