import assert from "node:assert/strict";
import { join } from "node:path";
import { makeDatabase, SMALL_RESULTS } from "../../../support/mounts.ts";
import { jobOf, SCRIPT, TestWorkbench } from "../../../support/workbench.ts";

const USERS = { source: "refiner", table: "users", where: "" };

Deno.test("the workbench's data and queries", async (t) => {
  await using workbench = await TestWorkbench.start();

  await t.step("the state lists the refiner's tables and what the job gets", async () => {
    const { data, job } = await workbench.until(({ data, job }) =>
      data.input !== undefined && job.name !== undefined
    );
    assert.deepEqual(data.refiner.map(({ name, rows }) => [name, rows]), [["users", 3]]);
    assert.deepEqual(data.input!.columns.map(({ name }) => name), ["id", "locale"]);
    assert.equal(job.name, "tried");
    assert.ok(job.rights.includes("Has no network"));
  });

  await t.step("rows come by their numbers, sorted and filtered", async () => {
    const order = { column: "name", descending: true };
    const answer = await workbench.ask("rows", { view: { ...USERS, order }, from: 1, count: 5 });
    assert.deepEqual((answer as { rows: unknown }).rows, [["u-2", "Bo", "sv"], [
      "u-1",
      "Ana",
      "pt",
    ]]);
    const filtered = { ...USERS, where: "locale IS NULL -- a comment" };
    const { count } = await workbench.ask("rows", { view: filtered, from: 0, count: 5 }) as {
      count: number;
    };
    assert.equal(count, 1);
  });

  for (
    const where of [
      "1; DROP TABLE users",
      "1); ATTACH '/etc/passwd' AS x; --",
      "load_extension('x')",
      "(SELECT * FROM",
    ]
  ) {
    await t.step(`the filter ${where} is refused`, async () => {
      const view = { ...USERS, where };
      const { error } = await workbench.ask("rows", { view, from: 0, count: 5 }) as {
        error: string;
      };
      assert.match(error, /^The filter (is one SQL condition|fails: )/);
      assert.doesNotMatch(error, /CREATE|offset/);
    });
  }

  await t.step(
    "a filter that never ends is stopped with its request, and others go on",
    async () => {
      const where =
        "(WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c)";
      const left = new AbortController();
      const endless = workbench.ask(
        "profile",
        { view: { ...USERS, where }, column: "name" },
        left.signal,
      );
      const waiting = workbench.ask("profile", { view: USERS, column: "name" });
      const { count } = await workbench.ask("rows", { view: USERS, from: 0, count: 1 }) as {
        count: number;
      };
      assert.equal(count, 3);
      left.abort();
      await assert.rejects(endless);
      assert.equal((await waiting as { rows: number }).rows, 3);
    },
  );

  await t.step("a query's mistake has its place", async () => {
    for (
      const { sql, marked } of [
        { sql: "SELECT nme FROM users", marked: "nme" },
        { sql: "SELECT 'é', x FROM users", marked: "x" },
        { sql: "SELECT *\nFROM usrs", marked: "usrs" },
        { sql: "SELEC 1", marked: "SELEC" },
      ]
    ) {
      const { from, to } = await workbench.ask("query", { sql }) as { from: number; to: number };
      assert.equal(sql.slice(from, to), marked);
    }
  });

  await t.step("a query has parameters, and its answer is read like any table", async () => {
    const sql = "SELECT name FROM users WHERE id > ? ORDER BY 1 DESC";
    const { id, count } = await workbench.ask("query", { sql, params: ["u-1"] }) as {
      id: string;
      count: number;
    };
    assert.equal(count, 2);
    const view = { source: `answer:${id}`, table: "results", where: "" };
    const { rows } = await workbench.ask("rows", { view, from: 0, count: 9 }) as { rows: unknown };
    assert.deepEqual(rows, [["Cy"], ["Bo"]]);
  });

  await t.step("a query can't write", async () => {
    const { ok } = await workbench.ask("query", { sql: "DELETE FROM users" }) as { ok: boolean };
    assert.equal(ok, false);
  });

  for (const sql of ["SELECT wrong FROM users", "SELECT 1; SELECT 2", "SELECT ?", "  "]) {
    await t.step(
      `"${sql}" doesn't become the job's query, and the script is unchanged`,
      async () => {
        const answer = await workbench.ask("use-query", { sql });
        assert.ok("error" in (answer as object));
        assert.equal(Deno.readTextFileSync(workbench.script), SCRIPT);
      },
    );
  }

  await t.step("a query becomes the job's, and the job runs on its answer", async () => {
    assert.deepEqual(await workbench.ask("use-query", { sql: "SELECT name FROM users;" }), {});
    const { data, jobQuery } = await workbench.until(({ data }) =>
      data.input?.columns[0]?.name === "name"
    );
    assert.equal(jobQuery, "SELECT name FROM users");
    assert.equal(data.input!.rows, 3);
    const names = [...Deno.readDirSync(workbench.mounts.root)].map(({ name }) => name).sort();
    assert.deepEqual(names, ["data.sql", "input", "job.ts", "output"]);
  });
});

Deno.test("the workbench's artifacts", async (t) => {
  await using workbench = await TestWorkbench.start({
    job:
      `await artifacts.writeText("a b/ü'.html", "<p>x"); await artifacts.writeText("same.txt", "s");`,
    prepare({ root, output }) {
      Deno.writeTextFileSync(join(root, "secret.txt"), "secret");
      Deno.symlinkSync(join(root, "secret.txt"), join(output, "link.txt"));
      makeDatabase(
        join(output, "endless.db"),
        "CREATE VIEW v AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c",
      );
    },
  });
  await workbench.ended();

  await t.step("names outside of the output, and links, give nothing", async () => {
    for (
      const name of [
        "../secret.txt",
        "../data.sql",
        "/etc/passwd",
        "link.txt",
        "a b",
        "",
        "nowhere",
      ]
    ) {
      for (const call of ["preview", "image", "pass"]) {
        const answer = await workbench.ask(call, { name, use: "download" });
        assert.deepEqual(answer, { error: "This artifact no longer exists" });
      }
    }
  });

  await t.step("a pass gives one artifact once, as a file to save", async () => {
    const { url } = await workbench.ask("pass", { name: "a b/ü'.html", use: "download" }) as {
      url: string;
    };
    const response = await fetch(workbench.origin + url);
    assert.equal(await response.text(), "<p>x");
    assert.equal(
      response.headers.get("content-disposition"),
      "attachment; filename*=UTF-8''%C3%BC%27.html",
    );
    assert.equal(response.headers.get("content-type"), "application/octet-stream");
    const again = await fetch(workbench.origin + url);
    assert.equal(again.status, 404);
    await again.body?.cancel();
  });

  await t.step("an HTML artifact in a frame has a policy that runs and loads nothing", async () => {
    const { url } = await workbench.ask("pass", { name: "a b/ü'.html", use: "frame" }) as {
      url: string;
    };
    const { headers, body } = await fetch(workbench.origin + url);
    await body?.cancel();
    assert.match(
      headers.get("content-security-policy")!,
      /^sandbox; default-src 'none'; style-src 'unsafe-inline'; /,
    );
  });

  await t.step("a database whose view never ends holds up nothing else", async () => {
    const left = new AbortController();
    const endless = workbench.ask("preview", { name: "endless.db" }, left.signal);
    const { rows } = await workbench.ask("rows", { view: USERS, from: 0, count: 1 }) as {
      rows: unknown[];
    };
    assert.equal(rows.length, 1);
    left.abort();
    await assert.rejects(endless);
    const other = await workbench.ask("preview", { name: "same.txt" });
    assert.deepEqual(other, { kind: "text", text: "s", whole: true });
  });

  await t.step("a file that was written again with the same content is the same", async () => {
    await workbench.ask("run");
    const { artifacts } = await workbench.ended(2);
    assert.deepEqual(artifacts.map(({ name, status }) => [name, status]), [
      ["a b/ü'.html", "same"],
      ["endless.db", "earlier"],
      ["same.txt", "same"],
    ]);
  });
});

Deno.test("the workbench runs what is saved", async (t) => {
  await using workbench = await TestWorkbench.start({
    job: `log.info("one"); throw new Error("no \\x1b[31m");`,
  });

  await t.step("a job that fails has its error, cleaned, and where it was thrown", async () => {
    const { run } = await workbench.ended();
    assert.equal(run!.phase, "failed");
    assert.equal(run!.code, 3);
    assert.match(run!.error!.message, /no \\u\{1b\}\[31m/);
    assert.match(run!.error!.place!, /job\.ts:1:\d+$/);
  });

  await t.step(
    "a script that never ends leaves the page usable, and is stopped by the next save",
    async () => {
      Deno.writeTextFileSync(
        workbench.script,
        "CREATE TABLE results AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) AS n FROM c;",
      );
      await workbench.until(({ run }) => run?.number === 2 && run.phase === "data");
      const { rows } = await workbench.ask("rows", { view: USERS, from: 0, count: 1 }) as {
        rows: unknown[];
      };
      assert.equal(rows.length, 1);
      Deno.writeTextFileSync(workbench.script, SCRIPT);
      Deno.writeTextFileSync(workbench.entry, jobOf(`log.info("two");`));
      await workbench.until(({ run }) => run?.phase === "done");
    },
  );

  await t.step("a script that fails says where, and the job isn't run", async () => {
    Deno.writeTextFileSync(workbench.script, "CREATE TABLE results AS\nSELECT absent;");
    const { data, run } = await workbench.until(({ data }) => data.error !== undefined);
    assert.match(data.error!, /data\.sql:2: no such column: absent/);
    assert.notEqual(run!.phase, "done");
  });

  await t.step("a run that never ends is stopped", async () => {
    Deno.writeTextFileSync(workbench.script, SCRIPT);
    await workbench.until(({ run }) => run?.phase === "done");
    Deno.writeTextFileSync(workbench.entry, jobOf(`log.info("on"); for (;;);`));
    const { run } = await workbench.until(({ run }) =>
      run?.phase === "job" && run.cause.includes("job.ts")
    );
    await workbench.ask("stop");
    assert.equal((await workbench.ended(run!.number)).run!.phase, "stopped");
  });
});

Deno.test("the workbench shows an input that no script made, and of it what a job gets", async () => {
  await using workbench = await TestWorkbench.start({
    prepare: ({ inputDatabase }) =>
      makeDatabase(inputDatabase, `${SMALL_RESULTS} CREATE TABLE hidden(a);`),
  });
  const { data } = await workbench.until(({ data }) => data.input !== undefined);
  assert.equal(data.input!.rows, 3);
  assert.match(data.description, /which `deno task seed` didn't make/);
});
