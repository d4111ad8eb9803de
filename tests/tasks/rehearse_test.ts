/** `deno task rehearse`: a job's whole way, on a network that goes away again. */

import assert from "node:assert/strict";
import { exists } from "../../src/files.ts";
import { canCompile, canMakeBase, runtimeEnv } from "../support/artifacts.ts";
import { standInBase } from "../support/base_image.ts";
import { Checkout } from "../support/checkout.ts";
import { canRunDocker } from "../support/docker.ts";
import { canRunEvm } from "../support/evm.ts";

const NO_BASE = `127.0.0.1:1/base@sha256:${"5c".repeat(32)}`;
const EXAMPLE = "examples/count_by_locale.ts";
/** The steps after the approval. */
const LAST_STEPS = ["permissions --grant", "funds --deposit", "quote", "submit"];

function testInCheckout(
  name: string,
  ignore: boolean,
  fn: (checkout: Checkout) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore,
    async fn() {
      using checkout = new Checkout("checkout", { mtime: 0 });
      Deno.mkdirSync(checkout.join(".cache"));
      await fn(checkout);
      assert.ok(!exists(checkout.join(".cache/devnet.json")), "the network is gone");
    },
  });
}

testInCheckout(
  "rehearse goes from the source of a job of one's own to its artifacts, in Docker",
  !canRunEvm || !canCompile || !canMakeBase || !canRunDocker,
  async (checkout) => {
    const args = ["--entry", checkout.join(EXAMPLE), "--base", await standInBase()];
    const { code, stdout, stderr } = await checkout.run("rehearse", args, runtimeEnv());
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Jobs run in Docker/m);
    const steps = [...stdout.matchAll(/^ *[\d.]+ s {2}(?:builder|owner) +(.+)$/gm)];
    assert.deepEqual(
      steps.map(([, name]) => name),
      ["export", "schema", "register", "approve", ...LAST_STEPS],
    );
    assert.match(stdout, /Artifacts, for 0\.01 VANA, after \d+ s:.*count_by_locale\.csv/s);
  },
);

testInCheckout(
  "rehearse runs the job from its source where there is no base, and says so",
  !canRunEvm,
  async (checkout) => {
    const args = ["--base", NO_BASE, "--entry", checkout.join(EXAMPLE), "--json"];
    const { code, stdout, stderr } = await checkout.run("rehearse", args, runtimeEnv());
    assert.equal(code, 0, stderr);
    assert.match(stderr, /No archive can be made here, so the job runs from its source/);
    const { steps, paid } = JSON.parse(stdout);
    assert.deepEqual(
      steps.map(({ name }: { name: string }) => name),
      ["schema", "register and approve, without a proof", ...LAST_STEPS],
    );
    assert.equal(paid, "10000000000000000");
  },
);

testInCheckout(
  "rehearse of a query that fails says so, and takes its network down",
  !canRunEvm,
  async (checkout) => {
    const args = ["--base", NO_BASE, "--query", "SELECT phone FROM users"];
    const { code, stderr } = await checkout.run("rehearse", args, runtimeEnv());
    assert.equal(code, 1);
    assert.match(stderr, /quote failed:.*no such column: phone/s);
  },
);

testInCheckout(
  "rehearse needs a query at the end of its script",
  false,
  async (checkout) => {
    const script = checkout.join("no_query.sql");
    Deno.writeTextFileSync(script, "CREATE TABLE users(name TEXT);");
    const { code, stderr } = await checkout.run("rehearse", ["--from", script]);
    assert.equal(code, 1);
    assert.match(stderr, /doesn't end with a query/);
  },
);
