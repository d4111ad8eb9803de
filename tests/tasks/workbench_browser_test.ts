import assert from "node:assert/strict";
import { join } from "node:path";
import { ROOT } from "../../tasks/lib/project.ts";
import { linesOf } from "../../tasks/lib/workbench/sql/text_lines.ts";
import { hasProgram } from "../support/artifacts.ts";
import { Checkout } from "../support/checkout.ts";
import { spawnDeno } from "../support/run.ts";

const canBrowse = ["chromium", "chromium-browser", "google-chrome"].some(hasProgram);

/** How a fact went, as tests/browser/facts.ts prints it. */
interface Told {
  name: string;
  error?: string;
}

// The libraries that drive a browser have a lock file of their own, so they run in a process of their own.
Deno.test({
  name: "the workbench, in a real browser",
  ignore: !canBrowse,
  async fn(t) {
    using checkout = new Checkout("checkout", { mtime: 1_700_000_000 });
    const folder = join(ROOT, "tests/browser");
    const pictures = Deno.env.get("WORKBENCH_PICTURES");
    const browser = spawnDeno(
      ["run", "-A", `--config=${join(folder, "own_lock.json")}`]
        .concat([`--lock=${join(folder, "deno.lock")}`, "--frozen"])
        .concat([join(folder, "workbench.ts"), checkout.path]),
      pictures === undefined ? {} : { WORKBENCH_PICTURES: pictures },
    );
    const said = Array.fromAsync(linesOf(browser.stderr));
    let count = 0;
    for await (const line of linesOf(browser.stdout)) {
      const { name, error }: Told = JSON.parse(line);
      count++;
      await t.step(name, () => {
        assert.equal(error, undefined, error);
      });
    }
    const { success } = await browser.status;
    assert.ok(success, (await said).join("\n"));
    assert.ok(count > 20, `only ${count} facts were tried`);
  },
});
