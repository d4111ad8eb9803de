/**
 * What the view of the query shows and does.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fact } from "./facts.ts";
import { checkLooks } from "./looks.ts";
import type { Session } from "./session.ts";

const QUERY = "SELECT locale, count(*) AS users FROM users GROUP BY locale";

/** Tries the facts. */
export async function tryQuery(session: Session): Promise<void> {
  const { page } = session;

  await fact("the editor begins with the job's query", async () => {
    await session.view("Query");
    await session.until(() =>
      document.querySelector(".cm-content")?.textContent === "SELECT user_id, locale FROM users"
    );
  });

  await fact("a wrong column is marked where it is", async () => {
    await session.query("SELECT user_id, wrong_name FROM users");
    await session.until(() =>
      document.querySelector(".cm-lintRange-error")?.textContent === "wrong_name"
    );
    await session.shows("no such column: wrong_name");
  });

  await fact("the schema's names are completed", async () => {
    await page.focus(".cm-content");
    await page.keyboard.type(" WHERE users.cre");
    await session.until(() =>
      document.querySelector(".cm-tooltip-autocomplete")?.textContent?.includes("created_at")
    );
    await page.keyboard.press("Escape");
  });

  await fact(
    "Ctrl-Enter runs the query, and shows its rows, their count and the time",
    async () => {
      await session.query(QUERY);
      await session.until(() =>
        /^10 rows in \d/.test(
          document.querySelector(".query-editor [role=status]:not(.choice *)")?.textContent ?? "",
        )
      );
      await session.until(() => document.querySelectorAll("regular-table tbody tr").length === 10);
      assert.deepEqual((await session.cells())[0], ["ar-MA", "1"]);
    },
  );

  await fact("a reload keeps the query and its answer", async () => {
    await page.reload();
    await session.until(
      (query) => document.querySelector(".cm-content")?.textContent === query,
      QUERY,
    );
    await session.until(() => document.querySelectorAll("regular-table tbody tr").length === 10);
  });

  await fact("the query's view has no axe violation, and fits 360 pixels", async () => {
    await session.until(() => document.querySelectorAll(".profiles .muted").length > 1);
    await checkLooks(page, "query");
  });

  await fact(
    "it becomes the job's query, at the bottom of the script, and the job runs",
    async () => {
      const before = Deno.readTextFileSync(session.path("dummy_data.sql"));
      await page.locator("button::-p-text(Use as the job's query)").click();
      await session.shows("This is the job's query");
      const after = Deno.readTextFileSync(session.path("dummy_data.sql"));
      assert.equal(after, before.replace("SELECT user_id, locale FROM users;", `${QUERY};`));
      await session.view("Data");
      await page.locator("nav[aria-label=Tables] a::-p-text(results)").click();
      await session.until(() =>
        [...document.querySelectorAll("regular-table thead th")].map((th) => th.textContent)
          .join() ===
          "#,locale,users"
      );
    },
  );

  await fact("it is copied as a command that a shell takes", async () => {
    const context = page.browserContext();
    await context.overridePermissions(session.at("/").replace(/\/$/, ""), [
      "clipboard-read",
      "clipboard-sanitized-write",
      "clipboard-write",
    ]);
    await session.view("Query");
    await page.select("select[name=command]", "sign");
    await session.shows("Copied:");
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(copied, `printf %s '${QUERY}' | deno task -q sign`);
  });

  await fact("a query that never ends is stopped", async () => {
    await session.query(
      "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT count(*) FROM c",
    );
    await page.locator("button::-p-text(Stop the query)").click();
    await session.until(() =>
      document.querySelector(".query-editor .primary")?.textContent?.startsWith("Run")
    );
  });
}
