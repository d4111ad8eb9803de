/** What a `deno` that a task starts knows of the task's environment. */

import assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { Checkout } from "../../../support/checkout.ts";
import { outcomeOf, spawnDeno } from "../../../support/run.ts";

/** The names in the environment of a child that a checkout's task starts. */
async function childNames(
  { env, npmrc = "", ofUser = "" }: {
    env: Record<string, string>;
    npmrc?: string;
    ofUser?: string;
  },
): Promise<Set<string>> {
  using checkout = new Checkout("a", { mtime: 1_000_000_000 });
  const home = checkout.join("home");
  Deno.mkdirSync(home);
  Deno.writeTextFileSync(checkout.join(".npmrc"), npmrc);
  Deno.writeTextFileSync(`${home}/.npmrc`, ofUser);
  const record = checkout.join("record");
  const child = `Deno.writeTextFileSync(${JSON.stringify(record)}, ` +
    "JSON.stringify(Object.keys(Deno.env.toObject())))";
  const task = `import { runDeno } from "${
    pathToFileURL(checkout.join("tasks/lib/process/deno.ts"))
  }";
    const { success, stderr } = await runDeno(["eval", ${JSON.stringify(child)}], { cwd: "/" });
    if (!success) throw new Error(stderr);`;
  const { code, stderr } = await outcomeOf(spawnDeno(["eval", task], { HOME: home, ...env }));
  assert.equal(code, 0, stderr);
  return new Set(JSON.parse(Deno.readTextFileSync(record)));
}

Deno.test("a child keeps certificates and proxies", async () => {
  const env = {
    SSL_CERT_DIR: "/etc/ssl/certs",
    NO_PROXY: "*",
    ALL_PROXY: "http://127.0.0.1:1",
    DENO_AUTH_TOKENS: "token@example.org",
  };
  const names = await childNames({ env });
  for (const name of Object.keys(env)) assert.ok(names.has(name), name);
});

Deno.test("a child gets what the user's and the checkout's .npmrc name", async () => {
  const names = await childNames({
    env: { NPM_TOKEN: "a", OTHER_TOKEN: "b", COMMENTED: "c", UNNAMED: "d" },
    npmrc: "//registry.example.org/:_authToken=${NPM_TOKEN}\n# ${COMMENTED}\n",
    ofUser: "//other.example.org/:_authToken = ${OTHER_TOKEN}\n",
  });
  assert.ok(names.has("NPM_TOKEN") && names.has("OTHER_TOKEN"), [...names].join());
  assert.ok(!names.has("COMMENTED") && !names.has("UNNAMED"), [...names].join());
});

Deno.test("a child gets no key, and nothing that changes what is compiled", async () => {
  const env = {
    PRIVATE_KEY: "0x11",
    MY_PRIVATE_KEY: "0x12",
    QUERY_SIGNATURE: "0x13",
    DENO_V8_FLAGS: "--max-old-space-size=200",
    JSR_URL: "https://jsr.example.org",
  };
  const npmrc = Object.keys(env).map((name) => `//a.example.org/:_authToken=\${${name}}\n`).join(
    "",
  );
  const names = await childNames({ env, npmrc });
  for (const name of Object.keys(env)) assert.ok(!names.has(name), name);
});
