import assert from "node:assert/strict";
import { NOTICES_NAME } from "../../tasks/lib/licences/notices.ts";
import { Checkout } from "../support/checkout.ts";
import { NpmRegistry } from "../support/npm_registry.ts";

Deno.test("the third-party notices are those of the locked packages", async () => {
  using checkout = new Checkout("a/b", { mtime: 1_700_000_000 });
  const { code, stderr } = await checkout.run("notices", []);
  assert.equal(code, 0, stderr);
  assert.equal(
    Deno.readTextFileSync(checkout.join(NOTICES_NAME)),
    Deno.readTextFileSync(NOTICES_NAME),
    `${NOTICES_NAME} is out of date. Run \`deno task notices\``,
  );
});

Deno.test("notices fails for a bundled package without a licence, and names it", async () => {
  await using npm = new NpmRegistry("@acme/bare", { "1.0.0": "export {};\n" });
  using checkout = new Checkout("a", { mtime: 1_700_000_000 });
  Deno.writeTextFileSync(checkout.join(".npmrc"), npm.npmrc);
  assert.equal((await checkout.run("add", ["npm:@acme/bare"])).code, 0);
  const sdk = Deno.readTextFileSync(checkout.join("mod.ts"));
  Deno.writeTextFileSync(checkout.join("mod.ts"), `import "@acme/bare";\n${sdk}`);
  const { code, stderr } = await checkout.run("notices", []);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^error: The package @acme\/bare@1\.0\.0 has no licence; expected "license"/,
  );
});
