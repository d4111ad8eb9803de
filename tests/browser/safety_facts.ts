/**
 * What hostile rows and other pages can't do, and what a large table doesn't cost.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fact } from "./facts.ts";
import { checkLooks } from "./looks.ts";
import type { Session } from "./session.ts";

/** Rows that would like to be more than text. */
const HOSTILE = `CREATE TABLE users (id INTEGER PRIMARY KEY, note TEXT, data BLOB);
INSERT INTO users VALUES
  (1, '<img src=x onerror="hacked = 1"><script>hacked = 1</script>', x'00ff'),
  (2, '=HYPERLINK("http://example.com")', NULL),
  (3, 'a' || char(8238) || 'gpj.exe', NULL),
  (4, printf('%.10000000c', 'x'), NULL),
  (9007199254740993, 'far', NULL);
CREATE TABLE "<b>""odd""</b>" ("<i>column</i>" TEXT);
CREATE TABLE large AS
  WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 1000000)
  SELECT i AS number, 'row ' || i AS text FROM c;
CREATE TABLE results AS SELECT id AS locale FROM users;
`;

/** Tries the facts. */
export async function trySafety(session: Session): Promise<void> {
  const { page } = session;

  await fact("hostile rows and names are text", async () => {
    session.save("dummy_data.sql", HOSTILE);
    await session.view("Data");
    await session.until(() =>
      [...document.querySelectorAll("nav[aria-label=Tables] .name")].some((name) =>
        name.textContent === '<b>"odd"</b>'
      )
    );
    await page.goto(session.at("/data/refiner/users"));
    await session.shows('<img src=x onerror="hacked = 1">');
    const cells = await session.cells();
    assert.equal(cells[1]![1], '=HYPERLINK("http://example.com")');
    assert.equal(cells[2]![1], "a\\u{202e}gpj.exe");
    assert.match(cells[3]![1]!, /^x{200}… \(9\.5 MiB\)$/);
    assert.equal(cells[4]![0], "9007199254740993");
    assert.equal(cells[0]![2], "x'00ff' (2 bytes)");
    assert.equal(await page.evaluate(() => (globalThis as { hacked?: number }).hacked), undefined);
  });

  await fact("ten megabytes of text open as their first mebibyte", async () => {
    await page.focus("regular-table");
    for (const key of ["ArrowDown", "ArrowDown", "ArrowDown", "ArrowRight", "Enter"] as const) {
      await page.keyboard.press(key);
    }
    await session.until(() =>
      document.querySelector("dialog pre")?.textContent?.length === 1048576
    );
    await page.keyboard.press("Escape");
  });

  await fact("a million rows are shown from the first to the last", async () => {
    await page.goto(session.at("/data/refiner/large"));
    await session.shows("1,000,000 rows");
    await session.until(() =>
      document.querySelector("regular-table tbody td:last-of-type")?.textContent === "row 1"
    );
    await page.focus("regular-table");
    await page.keyboard.down("Control");
    await page.keyboard.press("End");
    await page.keyboard.up("Control");
    await session.until(() =>
      [...document.querySelectorAll("regular-table td")].some((td) =>
        td.textContent === "row 1000000"
      )
    );
  });

  await fact("a new tab has the data by a plain link, and another profile doesn't", async () => {
    const tab = await session.browser.newPage();
    await tab.goto(session.at("/data/refiner/users"));
    await tab.waitForSelector("regular-table td");
    await tab.close();
    const stranger = await session.browser.createBrowserContext();
    const page = await stranger.newPage();
    await page.goto(session.at("/data/refiner/users"));
    await page.waitForSelector("main.alone h1");
    assert.match(
      await page.$eval("main", (main) => main.textContent!),
      /the address from the terminal/,
    );
    await checkLooks(page, "refused");
    await stranger.close();
  });

  await fact("a page of another origin gets nothing, with the token or without", async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("<title>elsewhere</title>", { headers: { "content-type": "text/html" } }),
    );
    const tab = await session.browser.newPage();
    await tab.goto(`http://127.0.0.1:${server.addr.port}/`);
    const token = new URL(session.url).hash.replace("#token=", "");
    const got = await tab.evaluate(
      async (origin, token) => {
        const tries = [
          fetch(`${origin}/api/events`),
          fetch(`${origin}/api/events`, { headers: { "x-workbench-token": token } }),
          fetch(`${origin}/api/rows`, { method: "POST", body: "{}", mode: "no-cors" }),
          fetch(`${origin}/page.js`, { mode: "no-cors" }),
        ];
        const texts = await Promise.all(
          tries.map((response) => response.then((r) => r.text(), () => "")),
        );
        const frame = document.createElement("iframe");
        frame.src = `${origin}/data`;
        document.body.append(frame);
        await new Promise((done) => frame.onload = done);
        let framed = "";
        try {
          framed = frame.contentDocument?.body.textContent ?? "";
        } catch {
          // It is of another origin.
        }
        return [...texts, framed];
      },
      new URL(session.url).origin,
      token,
    );
    assert.deepEqual(got, ["", "", "", "", ""]);
    await tab.close();
    await server.shutdown();
  });

  await fact("nothing in the page's policy was broken, and no error went uncaught", () => {
    assert.deepEqual(session.violations, []);
    assert.deepEqual(session.errors, []);
    return Promise.resolve();
  });

  await fact("a workbench that ended is said to have, and what is shown stays", async () => {
    await page.goto(session.at("/data/refiner/users"));
    await session.shows("HYPERLINK");
    await session.stopWorkbench();
    await session.until(() =>
      document.querySelector(".lost")?.textContent?.includes("doesn't answer")
    );
    await session.shows("HYPERLINK");
    await checkLooks(page, "lost");
  });
}
