/**
 * What the view of the data shows and does.
 *
 * @module
 */

import assert from "node:assert/strict";
import { fact } from "./facts.ts";
import { checkLooks } from "./looks.ts";
import type { Session } from "./session.ts";

/** Tries the facts. */
export async function tryData(session: Session): Promise<void> {
  const { page } = session;

  await fact(
    "the address from the terminal shows the refiner's tables and their rows",
    async () => {
      await page.goto(session.url);
      await session.shows("ana.souza@example.com");
      assert.equal((await session.cells()).length, 10);
      assert.equal(new URL(page.url()).hash, "");
    },
  );

  await fact("each column has its distribution: values, gaps, range", async () => {
    await session.shows("2025-01-04");
    await session.shows("no gaps · all different");
  });

  await fact("a click on a column sorts, and the back button takes it back", async () => {
    await page.locator("regular-table thead th::-p-text(locale)").click();
    await session.until(() => location.search === "?sort=locale");
    await session.until(() =>
      document.querySelector("th[aria-sort=ascending]")?.textContent === "locale"
    );
    await session.until(() =>
      document.querySelector("regular-table tbody td:nth-of-type(4)")?.textContent === "ar-MA"
    );
    await page.goBack();
    await session.until(() =>
      document.querySelector("regular-table tbody td:nth-of-type(4)")?.textContent === "pt-BR"
    );
  });

  await fact("a filter is an SQL condition, and a link leads to it", async () => {
    await page.goto(session.at("/data/refiner/users?where=locale+LIKE+'%25-%25R'"));
    await session.shows("3 rows of the filter");
    assert.deepEqual((await session.cells()).map(([id]) => id), ["u-001", "u-005", "u-009"]);
  });

  for (
    const { filter, message } of [
      { filter: "locale =", message: "syntax error" },
      { filter: "1; DROP TABLE users", message: "one SQL condition" },
    ]
  ) {
    await fact(`the filter "${filter}" is refused with a reason`, async () => {
      await page.goto(session.at(`/data/refiner/users?where=${encodeURIComponent(filter)}`));
      await session.until(
        (message) => document.querySelector("[role=alert]")?.textContent?.includes(message),
        message,
      );
    });
  }

  await fact("the keyboard moves through the grid and opens a value", async () => {
    await page.goto(session.at("/data/refiner/users"));
    await session.shows("ana.souza@example.com");
    await page.focus("regular-table");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowRight");
    await session.until(() =>
      document.querySelector("[aria-live]")?.textContent === "Row 2, email: bjoern@example.org"
    );
    await page.keyboard.press("Enter");
    await session.until(() =>
      document.querySelector("dialog pre")?.textContent === "bjoern@example.org"
    );
    await checkLooks(page, "dialog");
    await page.keyboard.press("Escape");
    await session.until(() => document.activeElement?.tagName === "REGULAR-TABLE");
  });

  await fact("the data's view has no axe violation, and fits 360 pixels", async () => {
    await session.until(() => document.querySelectorAll(".profiles .muted").length > 5);
    await checkLooks(page, "data");
  });

  await fact("a chart that suits the columns is drawn, and saved as SVG and PNG", async () => {
    await page.goto(session.at("/data/refiner/users?show=chart"));
    await page.waitForSelector(".picture svg");
    const label = await page.$eval(".picture", (picture) => picture.ariaLabel);
    assert.equal(label, "users: distribution of created_at");
    await page.locator("button::-p-text(Save SVG)").click();
    const svg = new TextDecoder().decode(await session.download(/\.svg$/));
    assert.match(svg, /^<svg [^]*<rect/);
    assert.doesNotMatch(svg, /var\(--/);
    await page.locator("button::-p-text(Save PNG)").click();
    const png = await session.download(/\.png$/);
    assert.deepEqual([...png.subarray(1, 4)], [0x50, 0x4e, 0x47]);
  });

  await fact(
    "another kind and other columns are chosen, and are a part of the address",
    async () => {
      await page.select("select[name=kind]", "bar");
      await page.select("select[name=x]", "locale");
      await session.until(() => document.querySelectorAll(".picture rect").length >= 10);
      await session.until(() => location.search === "?show=chart&kind=bar&x=locale");
    },
  );

  await fact(
    "the chart has no axe violation, and fits 360 pixels",
    () => checkLooks(page, "chart"),
  );
}
