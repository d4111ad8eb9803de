import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { exists } from "../../src/files.ts";
import { linesOf } from "../../tasks/lib/workbench/sql/text_lines.ts";
import { Mounts } from "../support/mounts.ts";
import { runTask, spawnTask } from "../support/run.ts";

for (const [task, args] of [["workbench", []], ["dev", ["--open"]]] as const) {
  Deno.test(`${task} ${args.join()} opens the page without showing its token to others`, async () => {
    using mounts = new Mounts();
    const told = join(mounts.root, "told");
    for (const name of ["xdg-open", "open"]) {
      const script = `#!/bin/sh\nprintf %s "$*" > ${told}.new && mv ${told}.new ${told}\n`;
      Deno.writeTextFileSync(join(mounts.root, name), script, { mode: 0o700 });
    }
    const path = `${mounts.root}:${Deno.env.get("PATH")}`;
    const workbench = spawnTask(task, args, { ...mounts.env, PATH: path });
    try {
      const { value: url } = await linesOf(workbench.stdout).next();
      assert.match(url!, /^http:\/\/127\.0\.0\.1:\d+\/data#token=[\w-]{32}$/);
      while (!exists(told)) await new Promise((done) => setTimeout(done, 20));
      const page = Deno.readTextFileSync(told);
      assert.match(page, /^\/\S+\/open\.html$/);
      assert.ok(Deno.readTextFileSync(page).includes(`url=${url}"`));
      assert.equal(Deno.statSync(page).mode! & 0o777, 0o600);
      assert.equal(Deno.statSync(dirname(page)).mode! & 0o777, 0o700);
      workbench.kill("SIGTERM");
      assert.equal((await workbench.status).code, 0);
      assert.ok(!exists(dirname(page)));
    } finally {
      await workbench.stderr.cancel();
    }
  });
}

Deno.test("workbench says which port is taken", async () => {
  using mounts = new Mounts();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stderr } = await runTask("workbench", ["--port", `${port}`], mounts.env);
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`^error: Port ${port} is taken; choose another`, "m"));
});

Deno.test("workbench needs a refiner and an account for a quote", async () => {
  const { code, stderr } = await runTask("workbench", ["--refiner", "12"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: A quote needs both --refiner and --account$/m);
});

Deno.test("workbench --entry with a missing file says so", async () => {
  const { code, stderr } = await runTask("workbench", ["--entry", "nowhere.ts"]);
  assert.equal(code, 1);
  assert.match(stderr, /^error: --entry .*nowhere\.ts doesn't exist/m);
});

Deno.test("no other task downloads what the workbench's page and its tests need", () => {
  const lock = Deno.readTextFileSync("deno.lock");
  for (const folder of ["tasks/lib/workbench/page", "tests/browser"]) {
    const { imports } = JSON.parse(Deno.readTextFileSync(`${folder}/own_lock.json`));
    const own = Deno.readTextFileSync(`${folder}/deno.lock`);
    for (const name of Object.keys(imports).filter((name) => !name.endsWith("/"))) {
      assert.ok(own.includes(`"npm:${name}@`), name);
      assert.ok(!lock.includes(`"npm:${name}@`), name);
    }
  }
});
