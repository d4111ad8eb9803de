/**
 * What the views of the job and its artifacts show and do.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fact } from "./facts.ts";
import { COUNTING, jobOf, withFrame } from "./jobs.ts";
import { checkLooks } from "./looks.ts";
import type { Session } from "./session.ts";

/** Tries the facts. */
export async function tryJob(session: Session): Promise<void> {
  const { page } = session;

  await fact("a saved job runs, and its log shows", async () => {
    await session.view("Job");
    session.save("main.ts", COUNTING);
    await session.shows("Counted 10 users");
    await session.shows("main.ts changed");
    await session.until(() =>
      /done in \d/.test(document.querySelector(".facts")?.textContent ?? "")
    );
    await session.shows("no mistakes");
    await session.shows("Has no network");
  });

  await fact(
    "the job's view has no axe violation, and fits 360 pixels",
    () => checkLooks(page, "job"),
  );

  await fact("what the run wrote is new, and a CSV file is a grid", async () => {
    await session.view("Artifacts");
    await page.locator(".links a::-p-text(users_by_locale.csv)").click();
    await session.until(() => document.querySelectorAll("regular-table tbody tr").length === 10);
    assert.deepEqual((await session.cells())[0], ["ar-MA", "1"]);
    const tags = await page.$$eval(".tag.new", (tags) => tags.length);
    assert.equal(tags, 2);
  });

  await fact("the artifacts' view has no axe violation, and fits 360 pixels", async () => {
    await session.until(() => document.querySelectorAll(".profiles .muted").length > 0);
    await checkLooks(page, "artifacts");
  });

  await using beacon = listen();
  await fact("the next run's artifacts say what changed, and previews follow", async () => {
    await page.locator(".links a::-p-text(note.txt)").click();
    await session.until(() => document.querySelector(".text-preview pre")?.textContent === "first");
    session.save("main.ts", withFrame(beacon.url));
    await session.until(() =>
      document.querySelector(".text-preview pre")?.textContent === "second"
    );
    const tags = await page.$$eval(".links a", (links) =>
      links.map((link) => [
        link.querySelector(".name")!.textContent,
        link.querySelector(".tag")!.textContent,
      ]));
    assert.deepEqual(Object.fromEntries(tags), {
      "dot.svg": "new",
      "note.txt": "changed",
      "query_results.db": "",
      "report.html": "new",
      "rows.json": "new",
      "users_by_locale.csv": "unchanged",
    });
  });

  await fact("JSON is a grid, and a picture is a picture", async () => {
    await page.locator(".links a::-p-text(rows.json)").click();
    await session.until(() => document.querySelectorAll("regular-table tbody tr").length === 2);
    assert.deepEqual(await session.cells(), [["1", "x"], ["2", "NULL"]]);
    await page.locator(".links a::-p-text(dot.svg)").click();
    await session.until(() =>
      document.querySelector<HTMLImageElement>(".image-preview img")?.naturalWidth === 40
    );
  });

  await fact("an HTML artifact shows in a frame that runs and loads nothing", async () => {
    await page.locator(".links a::-p-text(report.html)").click();
    const frame = await (await page.waitForSelector("iframe"))!.contentFrame();
    await frame.waitForSelector("h1");
    assert.equal(await frame.$eval("h1", (h1) => getComputedStyle(h1).color), "rgb(0, 128, 128)");
    await frame.$eval("#out", (link) => (link as HTMLElement).click()).catch(() => {});
    // What it tries would have been asked for by the time that the rest of the page is used.
    await page.locator(".links a::-p-text(note.txt)").click();
    await session.until(() =>
      document.querySelector(".text-preview pre")?.textContent === "second"
    );
    assert.deepEqual(beacon.asked, []);
    assert.equal(await page.evaluate(() => (globalThis as { hacked?: number }).hacked), undefined);
    assert.doesNotMatch(await page.title(), /taken/);
    // The frame's own policy is what refused it all.
    session.violations.length = 0;
  });

  await fact("the views of a text and of an HTML artifact have no axe violation", async () => {
    await checkLooks(page, "text");
    await page.locator(".links a::-p-text(report.html)").click();
    await page.waitForSelector("iframe");
    await checkLooks(page, "html");
    session.violations.length = 0;
  });

  await fact("a downloaded artifact has the same bytes", async () => {
    await page.locator(".links a::-p-text(users_by_locale.csv)").click();
    await page.locator("button::-p-text(Download)").click();
    const saved = await session.download(/^users_by_locale\.csv$/);
    assert.deepEqual(saved, Deno.readFileSync(session.path("output/users_by_locale.csv")));
  });

  await fact("a job that fails shows its error with file and line", async () => {
    await session.view("Job");
    session.save("main.ts", jobOf(`throw new Error("no such thing");`));
    await session.shows("no such thing");
    await session.until(() => document.querySelector(".place")?.textContent === "main.ts:6:11");
    await checkLooks(page, "failed job");
  });

  await fact("a mistake in the types shows beside the run, which goes on", async () => {
    session.save("main.ts", jobOf(`const n: number = "text"; log.info("ran " + n);`));
    await session.shows("ran text");
    await session.shows("Type 'string' is not assignable to type 'number'");
  });

  await fact("a job that never ends is stopped", async () => {
    session.save("main.ts", jobOf(`log.info("begins"); for (;;);`));
    await session.shows("begins");
    await page.locator("button::-p-text(Stop)").click();
    await session.until(() => document.querySelector(".badge")?.textContent?.includes("stopped"));
  });

  await fact("a change of the job replaces a run that never ends", async () => {
    await page.locator("button::-p-text(Run again)").click();
    await session.until(() => document.querySelector(".badge")?.textContent?.includes("running"));
    session.save("main.ts", COUNTING);
    await session.shows("Counted 10 users");
  });
}

/** A server elsewhere that notes what it is asked for. */
function listen(): { url: string; asked: string[] } & AsyncDisposable {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.push(new URL(request.url).pathname);
    return new Response("");
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
