/** What `run` asks of Docker, seen through a program of that name which only records its arguments. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { Mounts } from "../support/mounts.ts";
import { type Outcome, runTask } from "../support/run.ts";

interface Run extends Outcome {
  /** The arguments of `docker run`; none if it wasn't started. */
  docker: string[];
}

async function run(
  args: string[],
  env: Record<string, string> = {},
  mounts: Mounts = new Mounts(),
): Promise<Run> {
  using folders = mounts;
  const program = join(folders.root, "docker");
  const record = join(folders.root, "record");
  Deno.writeTextFileSync(
    program,
    `#!/bin/sh\n[ "$1" = run ] && printf '%s\\n' "$@" > '${record}'\nexit 0\n`,
    { mode: 0o755 },
  );
  const PATH = `${folders.root}:${Deno.env.get("PATH")}`;
  const outcome = await runTask("run", args, { ...folders.env, ...env, PATH });
  const docker = await Deno.readTextFile(record).catch(() => "");
  return { ...outcome, docker: docker.trim().split("\n") };
}

const SIGNED = { QUERY: "SELECT 1", QUERY_SIGNATURE: "0xsecret" };
const REAL = { ...SIGNED, QUERY_ENGINE_URL: "https://query.example.org/v1" };

for (
  const [args, env, firstLine, network] of [
    [[], {}, /^Running my-compute-job on dummy data, without a network: QUERY isn't set\n/, "none"],
    [
      [],
      SIGNED,
      /^Running .* on dummy data, .*: QUERY is set, but .* with --real-engine only\n/,
      "none",
    ],
    [
      [],
      REAL,
      /^Running .* on dummy data, .*: QUERY is set, but .* with --real-engine only\n/,
      "none",
    ],
    [[], { ...SIGNED, DEV_MODE: "on" }, /^Running .* on dummy data, .*: DEV_MODE is set\n/, "none"],
    [
      ["--real-engine"],
      SIGNED,
      /^Running .* on the network's Query Engine \(--real-engine\)\n/,
      "",
    ],
    [
      ["--real-engine"],
      REAL,
      /^Running .* the Query Engine at https:\/\/query\.example\.org \(/,
      "",
    ],
    [
      [],
      { ...SIGNED, QUERY_ENGINE_URL: "http://127.0.0.1:8787" },
      /^Running .* on the Query Engine of this machine \(QUERY_ENGINE_URL\)/,
      "host",
    ],
  ] as [string[], Record<string, string>, RegExp, string][]
) {
  const name = [...args, ...Object.entries(env).map((pair) => pair.join("="))].join(" ");
  Deno.test(`run says first what it does and why: ${name || "nothing set"}`, async () => {
    const { code, stdout, stderr, docker } = await run(args, env);
    assert.equal(code, 0, stderr);
    assert.match(stdout, firstLine);
    const networks = docker.filter((arg) => arg.startsWith("--network="));
    assert.deepEqual(networks, network === "" ? [] : [`--network=${network}`]);
    assert.equal(docker.includes("--env=DEV_MODE=1"), network === "none");
    assert.equal(docker.includes("--env=QUERY"), network !== "none");
  });
}

for (
  const [env, message] of [
    [{}, /--real-engine needs QUERY and QUERY_SIGNATURE/],
    [{ ...SIGNED, DEV_MODE: "1" }, /DEV_MODE means dummy data.*unset DEV_MODE/],
  ] as const
) {
  Deno.test(`run --real-engine is refused with ${JSON.stringify(env)}`, async () => {
    const { code, stderr, docker } = await run(["--real-engine"], env);
    assert.equal(code, 1);
    assert.match(stderr, message);
    assert.deepEqual(docker, [""]);
  });
}

Deno.test("run mounts folders whose paths hold a colon or a comma", async () => {
  const mounts = new Mounts();
  const INPUT_PATH = join(mounts.root, "a:b, c/in");
  const OUTPUT_PATH = join(mounts.root, "a:b/out");
  const { code, stderr, docker } = await run([], { INPUT_PATH, OUTPUT_PATH }, mounts);
  assert.equal(code, 0, stderr);
  assert.deepEqual(docker.filter((arg) => arg.startsWith("--mount=")), [
    `--mount=type=bind,"source=${INPUT_PATH}",target=/mnt/input`,
    `--mount=type=bind,source=${OUTPUT_PATH},target=/mnt/output`,
  ]);
});
