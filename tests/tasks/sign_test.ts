import assert from "node:assert/strict";
import { join } from "node:path";
import { recoverMessageAddress } from "viem";
import { TEST_ACCOUNT, TEST_KEY } from "../support/engine.ts";
import { Mounts } from "../support/mounts.ts";
import { outcomeOf, runTask, spawnDeno } from "../support/run.ts";

const QUERY = "SELECT 'ü' FROM users";

Deno.test("sign prints a signature that EIP-191 recovers to the account", async () => {
  const { code, stdout, stderr } = await runTask("sign", [QUERY], { PRIVATE_KEY: TEST_KEY });
  assert.equal(code, 0, stderr);
  const signature = stdout.trim() as `0x${string}`;
  assert.equal(await recoverMessageAddress({ message: QUERY, signature }), TEST_ACCOUNT);
  assert.match(
    stderr,
    /Note: every user of this machine can see an argument.* \| deno task -q sign\n/,
  );
});

Deno.test("sign --file signs every byte, and warns of a line break at the end", async () => {
  using mounts = new Mounts();
  const file = join(mounts.root, "query.sql");
  Deno.writeTextFileSync(file, `${QUERY}\n`);
  const env = { PRIVATE_KEY: TEST_KEY.slice(2) };
  const { stdout, stderr } = await runTask("sign", ["--file", file], env);
  assert.match(stderr, /Warning: the query ends with a line break, which is signed too/);
  const signature = stdout.trim() as `0x${string}`;
  assert.equal(await recoverMessageAddress({ message: `${QUERY}\n`, signature }), TEST_ACCOUNT);
});

Deno.test("sign doesn't warn without a line break at the end", async () => {
  const { stderr } = await runTask("sign", [QUERY], { PRIVATE_KEY: TEST_KEY });
  assert.doesNotMatch(stderr, /Warning/);
});

Deno.test("sign --file is relative to the person's folder", async () => {
  using mounts = new Mounts();
  Deno.writeTextFileSync(join(mounts.root, "query.sql"), QUERY);
  const env = { PRIVATE_KEY: TEST_KEY, INIT_CWD: mounts.root };
  const { code, stderr } = await runTask("sign", ["--file", "query.sql"], env);
  assert.equal(code, 0, stderr);
});

Deno.test("sign refuses a file that isn't UTF-8", async () => {
  using mounts = new Mounts();
  const file = join(mounts.root, "query.sql");
  Deno.writeFileSync(file, Uint8Array.of(0x53, 0xe9));
  const { code, stderr } = await runTask("sign", ["--file", file], { PRIVATE_KEY: TEST_KEY });
  assert.equal(code, 1);
  assert.match(stderr, /isn't UTF-8/);
});

for (const digits of ["12", " 0042\n"]) {
  Deno.test(`sign refuses a number, which would open a job's artifacts: ${digits.trim()}`, async () => {
    const { code, stdout, stderr } = await runTask("sign", [digits], { PRIVATE_KEY: TEST_KEY });
    assert.equal(code, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /artifacts of the compute job with that id/);
  });
}

Deno.test("sign --help shows standard input first", async () => {
  const { stdout } = await runTask("sign", ["--help"]);
  assert.match(stdout, /Examples:\n {2}printf %s "\$QUERY" \| deno task -q sign\n/);
  assert.match(stdout, /every user of this machine can see it/);
});

Deno.test("sign reads standard input", async () => {
  const process = new Deno.Command("sh", {
    args: [
      "-c",
      `printf %s "$0" | "$1" run -q -A --config deno.json tasks/sign.ts`,
      QUERY,
      Deno.execPath(),
    ],
    env: { PRIVATE_KEY: TEST_KEY },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const { stdout, stderr } = await outcomeOf(process);
  const signature = stdout.trim() as `0x${string}`;
  assert.ok(signature.startsWith("0x"), stderr);
  assert.equal(await recoverMessageAddress({ message: QUERY, signature }), TEST_ACCOUNT);
});

Deno.test("sign without a key says how to make a throw-away one", async () => {
  const { code, stderr } = await runTask("sign", [QUERY]);
  assert.equal(code, 1);
  assert.match(stderr, /PRIVATE_KEY isn't set[^]*export PRIVATE_KEY=0x\$\(od /);
});

Deno.test("sign never shows a key that isn't one", async () => {
  const { code, stderr, stdout } = await runTask("sign", [QUERY], { PRIVATE_KEY: "0xsecretkey" });
  assert.equal(code, 1);
  assert.match(stderr, /isn't a private key: expected 64 hexadecimal digits/);
  assert.ok(!(stderr + stdout).includes("secretkey"));
});

Deno.test("sign refuses an empty query", async () => {
  const { code, stderr } = await outcomeOf(
    spawnDeno(["run", "-A", "--config=deno.json", "tasks/sign.ts", ""], { PRIVATE_KEY: TEST_KEY }),
  );
  assert.equal(code, 1);
  assert.match(stderr, /The query is empty/);
});
