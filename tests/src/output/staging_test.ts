/** What a job writes with: names, streams, files made by other means, modes, rights. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { ArtifactError } from "../../../mod.ts";
import { Results } from "../../../src/results/results.ts";
import { makeDatabase, sameBytes, SMALL_RESULTS } from "../../support/mounts.ts";
import { outcomeOf, spawnDeno } from "../../support/run.ts";
import { withStaging } from "../../support/staging.ts";

Deno.test("text lands in the staging folder, in folders of its own", async () => {
  await withStaging(async ({ artifacts, finish, text, names }) => {
    await artifacts.writeText("a.txt", "ä");
    await artifacts.writeText("deep/er/b.txt", "");
    finish();
    assert.deepEqual(names(), ["a.txt", "deep/er/b.txt"]);
    assert.equal(text("a.txt"), "ä");
    assert.equal(text("deep/er/b.txt"), "");
  });
});

Deno.test("text longer than one write comes whole", async () => {
  await withStaging(async ({ artifacts, text }) => {
    const long = "aä😀".repeat(200_000);
    await artifacts.writeText("a.txt", long);
    assert.ok(text("a.txt") === long);
  });
});

Deno.test("text with half of a surrogate pair is refused", async () => {
  await withStaging(async ({ artifacts, names }) => {
    await assert.rejects(artifacts.writeText("a.txt", "\ud83d"), /surrogate pair/);
    assert.deepEqual(names(), []);
  });
});

Deno.test("every way to write refuses a bad name", async () => {
  await withStaging(async ({ artifacts, names }) => {
    const name = "../a";
    await assert.rejects(artifacts.writeText(name, ""), ArtifactError);
    await assert.rejects(artifacts.writeJson(name, 1), ArtifactError);
    await assert.rejects(artifacts.writeJsonLines(name, []), ArtifactError);
    await assert.rejects(artifacts.writeCsv(name, []), ArtifactError);
    await assert.rejects(artifacts.write(name, new Uint8Array()), ArtifactError);
    await assert.rejects(artifacts.copyResults(name), ArtifactError);
    assert.throws(() => artifacts.writable(name), ArtifactError);
    assert.throws(() => artifacts.pathFor(name), ArtifactError);
    assert.deepEqual(names(), []);
  });
});

Deno.test("write takes bytes, a web stream and generators of either kind", async () => {
  await withStaging(async ({ artifacts, finish, text }) => {
    const bytes = new TextEncoder().encode("bytes");
    await artifacts.write("a", bytes);
    await artifacts.write("b", new Blob(["bl", "ob"]).stream());
    await artifacts.write("c", [bytes, bytes]);
    await artifacts.write(
      "d",
      (async function* () {
        yield bytes;
        await Promise.resolve();
        yield bytes;
      })(),
    );
    finish();
    assert.deepEqual(["a", "b", "c", "d"].map(text), ["bytes", "blob", "bytesbytes", "bytesbytes"]);
  });
});

Deno.test("text where bytes belong is refused and leaves no file", async () => {
  await withStaging(async ({ artifacts, finish, names }) => {
    const content = ["text"] as unknown as Uint8Array[];
    await assert.rejects(artifacts.write("a", content), /a takes bytes as Uint8Array, not string/);
    finish();
    assert.deepEqual(names(), []);
  });
});

Deno.test("a stream that fails midway leaves no file, and its name is free", async () => {
  await withStaging(async ({ artifacts, names }) => {
    const failing = (function* () {
      yield new Uint8Array([1]);
      throw new Error("midway");
    })();
    await assert.rejects(artifacts.write("a", failing), /midway/);
    assert.deepEqual(names(), []);
    await artifacts.writeText("a", "again");
  });
});

Deno.test("one name twice in a run is refused", async () => {
  await withStaging(async ({ artifacts, text }) => {
    await artifacts.writeText("a", "1");
    await assert.rejects(artifacts.writeText("a", "2"), /was written already/);
    assert.equal(text("a"), "1");
  });
});

Deno.test("a file and a folder of one name are refused, either way round", async () => {
  await withStaging(async ({ artifacts, finish, names }) => {
    await artifacts.writeText("a", "1");
    await assert.rejects(artifacts.writeText("a/b", "2"), /a is a file already/);
    await artifacts.writeText("c/d", "3");
    await assert.rejects(artifacts.writeText("c", "4"), /is a directory of other artifacts/);
    finish();
    assert.deepEqual(names(), ["a", "c/d"]);
  });
});

Deno.test("a stream that isn't closed is refused at the end", async () => {
  await withStaging(async ({ artifacts, finish, text }) => {
    const writer = artifacts.writable("b.bin").getWriter();
    await writer.write(new Uint8Array([65]));
    assert.throws(finish, /b\.bin was begun and not finished/);
    await writer.close();
    finish();
    assert.equal(text("b.bin"), "A");
  });
});

Deno.test("an aborted stream drops its file", async () => {
  await withStaging(async ({ artifacts, finish, names }) => {
    await artifacts.writable("b.bin").abort();
    finish();
    assert.deepEqual(names(), []);
  });
});

Deno.test("pathFor refuses an open database and a file that was never made", async () => {
  await withStaging(({ artifacts, finish, names }) => {
    const path = artifacts.pathFor("made.db");
    assert.throws(finish, /made\.db is missing: a path from pathFor must have its file/);
    makeDatabase(path, SMALL_RESULTS);
    Deno.writeTextFileSync(`${path}-journal`, "hot");
    assert.throws(finish, /made\.db is a database still open \(made\.db-journal\)/);
    Deno.removeSync(`${path}-journal`);
    finish();
    assert.deepEqual(names(), ["made.db"]);
  });
});

Deno.test("pathFor refuses what isn't a regular file", async () => {
  await withStaging(({ artifacts, finish }) => {
    Deno.symlinkSync("/etc/passwd", artifacts.pathFor("link"));
    assert.throws(finish, /link is not a regular file/);
  });
});

Deno.test("nothing can be written after the end", async () => {
  await withStaging(async ({ artifacts, finish, names }) => {
    finish();
    await assert.rejects(artifacts.writeText("a", ""), /a comes too late/);
    assert.throws(() => artifacts.pathFor("a"), /comes too late/);
    assert.deepEqual(names(), []);
  });
});

Deno.test("copyResults copies the database byte for byte", async () => {
  await withStaging(async ({ artifacts, finish, directory, results }) => {
    await artifacts.copyResults();
    await artifacts.copyResults("copies/results.db");
    finish();
    assert.ok(sameBytes(results, join(directory, "query_results.db")));
    using copy = Results.open(join(directory, "copies/results.db"));
    assert.equal(copy.count(), 3);
  });
});

Deno.test("files have mode 0644 and folders 0755, whatever the umask and the source's mode", async () => {
  await withStaging(async ({ artifacts, finish, directory, results }) => {
    Deno.chmodSync(results, 0o600);
    const before = Deno.umask(0o077);
    try {
      await artifacts.writeText("in/a.txt", "a");
      await artifacts.copyResults();
      Deno.writeTextFileSync(artifacts.pathFor("b"), "");
      finish();
    } finally {
      Deno.umask(before);
    }
    const mode = (name: string) => Deno.statSync(join(directory, name)).mode! & 0o777;
    assert.deepEqual(["in/a.txt", "query_results.db", "b"].map(mode), [0o644, 0o644, 0o644]);
    assert.equal(mode("in"), 0o755);
  });
});

Deno.test("a job gets the methods that write, and no others", async () => {
  await withStaging(({ artifacts }) => {
    assert.deepEqual(Object.keys(artifacts).sort(), [
      "copyResults",
      "pathFor",
      "writable",
      "write",
      "writeCsv",
      "writeJson",
      "writeJsonLines",
      "writeText",
    ]);
  });
});

Deno.test("reading the results and the staging folder is all the right it needs", async () => {
  await withStaging(async ({ directory, results, names }) => {
    const process = spawnDeno([
      "run",
      "--no-prompt",
      "--lock=deno.lock",
      "--frozen",
      `--allow-read=${results},${directory}`,
      `--allow-write=${directory}`,
      "tests/support/jobs/staged.ts",
      directory,
      results,
    ]);
    const { code, stderr } = await outcomeOf(process);
    assert.equal(code, 0, stderr);
    assert.deepEqual(names(), [
      "a.csv",
      "a.db",
      "a.json",
      "a.jsonl",
      "deep/a.txt",
      "query_results.db",
      "s",
      "w",
    ]);
  });
});
