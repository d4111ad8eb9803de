/** The output: names, staging, commit, formats. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { ArtifactError, Artifacts, Results } from "../../../mod.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "../../support/mounts.ts";

async function withArtifacts(
  check: (artifacts: Artifacts, mounts: Mounts) => void | Promise<void>,
): Promise<void> {
  using mounts = new Mounts();
  const artifacts = Artifacts.open(mounts.output);
  await check(artifacts, mounts);
}

function isRefused(error: unknown): boolean {
  return error instanceof ArtifactError;
}

for (
  const name of [
    "",
    "/etc/passwd",
    "../outside",
    "a/../../outside",
    "a//b",
    "./a",
    "a/.",
    "a\0b",
    "a\nb",
    "a\\b",
    ".relay-staging-x/a",
    "x".repeat(256),
  ]
) {
  Deno.test(`the name ${JSON.stringify(name.slice(0, 30))} is refused`, async () => {
    await withArtifacts(async (artifacts, mounts) => {
      await assert.rejects(artifacts.writeText(name, "x"), isRefused);
      artifacts.commit();
      assert.deepEqual(mounts.outputNames(), []);
    });
  });
}

Deno.test("nothing is in the output before the commit, and all is after it", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writeText("a.txt", "ä");
    await artifacts.writeText("deep/er/b.txt", "b");
    assert.ok(mounts.outputNames().every((name) => name.startsWith(".relay-staging-")));
    artifacts.commit();
    assert.deepEqual(mounts.outputNames(), ["a.txt", "deep"]);
    assert.equal(Deno.readTextFileSync(join(mounts.output, "a.txt")), "ä");
    assert.equal(Deno.readTextFileSync(join(mounts.output, "deep/er/b.txt")), "b");
  });
});

Deno.test("discard leaves the output as it was", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writeText("a.txt", "a");
    artifacts.discard();
    assert.deepEqual(mounts.outputNames(), []);
  });
});

Deno.test("an artifact replaces an earlier file and leaves others alone", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    Deno.writeTextFileSync(join(mounts.output, "a.txt"), "old");
    Deno.writeTextFileSync(join(mounts.output, "other.txt"), "other");
    await artifacts.writeText("a.txt", "new");
    artifacts.commit();
    assert.equal(Deno.readTextFileSync(join(mounts.output, "a.txt")), "new");
    assert.equal(Deno.readTextFileSync(join(mounts.output, "other.txt")), "other");
  });
});

Deno.test("artifacts have mode 0644 whatever the umask", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    const before = Deno.umask(0o077);
    try {
      await artifacts.writeText("a.txt", "a");
      artifacts.commit();
    } finally {
      Deno.umask(before);
    }
    assert.equal(Deno.statSync(join(mounts.output, "a.txt")).mode! & 0o777, 0o644);
  });
});

Deno.test("a symbolic link in the way is refused, as a file and as a folder", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    const outside = join(mounts.root, "outside");
    Deno.mkdirSync(outside);
    Deno.symlinkSync(join(outside, "x"), join(mounts.output, "dangling"));
    Deno.symlinkSync(outside, join(mounts.output, "folder"));
    await assert.rejects(artifacts.writeText("dangling", "x"), /is a symbolic link/);
    await assert.rejects(artifacts.writeText("folder/x", "x"), /is a symbolic link/);
  });
});

Deno.test("a link that appears before the commit is refused, and nothing is published", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writeText("a.txt", "a");
    await artifacts.writeText("b.txt", "b");
    Deno.symlinkSync(join(mounts.root, "x"), join(mounts.output, "b.txt"));
    assert.throws(() => artifacts.commit(), /b\.txt is a symbolic link/);
    artifacts.discard();
    assert.deepEqual(mounts.outputNames(), ["b.txt"]);
  });
});

Deno.test("a directory in an artifact's place is refused", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    Deno.mkdirSync(join(mounts.output, "a"));
    await assert.rejects(artifacts.writeText("a", "x"), /is a directory already/);
  });
});

Deno.test("one name twice in a run is refused", async () => {
  await withArtifacts(async (artifacts) => {
    await artifacts.writeText("a", "1");
    await assert.rejects(artifacts.writeText("a", "2"), /was written already/);
  });
});

Deno.test("a file and a folder of one name are refused, either way round", async () => {
  await withArtifacts(async (artifacts) => {
    await artifacts.writeText("a", "1");
    await assert.rejects(artifacts.writeText("a/b", "2"), isRefused);
    await artifacts.writeText("c/d", "3");
    await assert.rejects(artifacts.writeText("c", "4"), isRefused);
  });
});

Deno.test("an unfinished stream is refused at the commit, and nothing is published", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writeText("a.txt", "a");
    const writer = artifacts.writable("b.bin").getWriter();
    await writer.write(new Uint8Array([1]));
    assert.throws(() => artifacts.commit(), /b\.bin was begun and not finished/);
    await writer.close();
    artifacts.commit();
    assert.deepEqual(mounts.outputNames(), ["a.txt", "b.bin"]);
  });
});

Deno.test("an aborted stream drops its file", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writable("b.bin").abort();
    await artifacts.writeText("a.txt", "a");
    artifacts.commit();
    assert.deepEqual(mounts.outputNames(), ["a.txt"]);
  });
});

Deno.test("pathFor publishes what was made there, and refuses an open database", async () => {
  await withArtifacts((artifacts, mounts) => {
    const path = artifacts.pathFor("made.db");
    makeDatabase(path, SMALL_RESULTS);
    Deno.writeTextFileSync(`${path}-journal`, "hot");
    assert.throws(() => artifacts.commit(), /made\.db is a database still open/);
    Deno.removeSync(`${path}-journal`);
    artifacts.commit();
    assert.deepEqual(mounts.outputNames(), ["made.db"]);
  });
});

Deno.test("JSON is indented, ends with a newline, and keeps bigints whole", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writeJson("a.json", { n: 2n ** 60n });
    artifacts.commit();
    const text = Deno.readTextFileSync(join(mounts.output, "a.json"));
    assert.equal(text, '{\n  "n": "1152921504606846976"\n}\n');
  });
});

Deno.test("a value that can't be JSON is refused and leaves nothing", async () => {
  await withArtifacts(async (artifacts) => {
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    await assert.rejects(artifacts.writeJson("a.json", loop), /can't be written as JSON/);
    await assert.rejects(artifacts.writeJson("a.json", undefined), /can't be written as JSON/);
    assert.deepEqual(artifacts.names, []);
  });
});

Deno.test("CSV is what another library reads back", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    const rows = [
      { "plain": "a", 'quo"te': 'say "hi"', "comma,": "1,5", "line\nbreak": "x\r\ny" },
      { "plain": "", 'quo"te': "ü😀", "comma,": " spaced ", "line\nbreak": "" },
    ];
    await artifacts.writeCsv("a.csv", rows);
    artifacts.commit();
    const text = Deno.readTextFileSync(join(mounts.output, "a.csv"));
    assert.deepEqual(parse(text, { columns: true }), rows);
  });
});

Deno.test("CSV ends lines with CRLF and tells NULL from an empty string", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    await artifacts.writeCsv("a.csv", [{ a: null, b: "", c: 5n, d: new Uint8Array([1, 255]) }]);
    artifacts.commit();
    const text = Deno.readTextFileSync(join(mounts.output, "a.csv"));
    assert.equal(text, 'a,b,c,d\r\n,"",5,01ff\r\n');
  });
});

Deno.test("CSV of no rows has the columns of the results", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    makeDatabase(mounts.inputDatabase, "CREATE TABLE results(a, b);");
    using results = Results.open(mounts.inputDatabase);
    await artifacts.writeCsv("a.csv", results.rows());
    artifacts.commit();
    assert.equal(Deno.readTextFileSync(join(mounts.output, "a.csv")), "a,b\r\n");
  });
});

Deno.test("rows that fail midway leave no CSV", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    function* rows() {
      yield { a: 1 };
      throw new Error("midway");
    }
    await assert.rejects(artifacts.writeCsv("a.csv", rows()), /midway/);
    artifacts.commit();
    assert.deepEqual(mounts.outputNames(), []);
  });
});

Deno.test("copyResults takes another name", async () => {
  await withArtifacts(async (artifacts, mounts) => {
    makeDatabase(mounts.inputDatabase, SMALL_RESULTS);
    artifacts.useResults(mounts.inputDatabase);
    await artifacts.copyResults("copies/results.db");
    artifacts.commit();
    using results = Results.open(join(mounts.output, "copies/results.db"));
    assert.equal(results.count(), 3);
  });
});
