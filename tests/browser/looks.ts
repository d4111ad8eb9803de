/**
 * How a view looks and reads: no axe violation, nothing beside the screen.
 *
 * @module
 */

import assert from "node:assert/strict";
import axe from "axe-core";
import type { Page } from "puppeteer-core";

/** Asserts that axe finds no violation, in light and in dark, and that nothing is wider than 360 pixels. */
export async function checkLooks(page: Page, name: string): Promise<void> {
  for (const theme of ["light", "dark"]) {
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    await page.evaluate(axe.source);
    const violations = await page.evaluate(async () => {
      const { axe } = globalThis as unknown as { axe: typeof import("axe-core") };
      const { violations } = await axe.run(document, {
        resultTypes: ["violations"],
        // An artifact in a frame has the marks of its author.
        iframes: false,
      });
      return violations.map(({ id, nodes }) =>
        `${id}: ${nodes.map(({ html }) => html).join("; ")}`
      );
    });
    assert.deepEqual(violations, [], `${name}, ${theme}`);
  }
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
  await page.setViewport({ width: 360, height: 740 });
  const width = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.equal(width, 360, `${name} at 360 pixels`);
  await page.setViewport({ width: 1280, height: 800 });
}
