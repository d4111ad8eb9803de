/**
 * The image: how fast its archive is made, and how large it is.
 *
 * @module
 */

import { dirname } from "node:path";
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { loadBase } from "../image/docker.ts";
import { readDockerfile } from "../image/dockerfile.ts";
import { DOCKERFILE, packArchive } from "../image/export.ts";
import { BINARY_IN_CONTEXT, DENO_PROJECT_ARGS } from "../project.ts";
import type { Command } from "../process/command.ts";
import type { Case, CaseContext, Row } from "./case.ts";
import { alternate, run, summarize } from "./measure.ts";
import { GB, type Workshop } from "./workshop.ts";

const MB = 1e6;
const PACK = fileURLToPath(new URL("./pack.ts", import.meta.url));

/** The same tag for all runs, so the next run replaces what an interrupted one left. */
const TAG = "result-relay-bench";

/** Cases of the image. */
export const IMAGE_CASES: readonly Case[] = [
  {
    name: "export",
    needs: ["docker", "gzip", "base"],
    bytes: GB,
    runs: 3,
    measure: (context) => withImage(context, measureExport),
  },
  {
    name: "archive-size",
    needs: ["base"],
    bytes: GB,
    runs: 1,
    async measure({ workshop }) {
      const output = workshop.join("size.tar.gz");
      const { size } = await packArchive(await workshop.relay(), { output, base: workshop.base });
      return [{
        what: "archive size",
        unit: "MB",
        ours: summarize([size / MB]),
        bar: { of: "most", atMost: 45 },
      }];
    },
  },
];

async function measureExport({ workshop, runs, onRun }: CaseContext): Promise<Row> {
  const ours = workshop.join("ours.tar.gz");
  const theirs = workshop.join("theirs.tar.gz");
  const { base } = workshop;
  const made = (path: string) => ({
    reset: () => Deno.writeFileSync(path, new Uint8Array()),
    check: () => assert.ok(Deno.statSync(path).size > MB, "the archive is too small"),
  });
  const peer = "`docker build`, `docker save`, `gzip -6`";
  const [first, second] = await alternate([
    {
      name: "export",
      commands: [{
        program: Deno.execPath(),
        args: ["run", "-A", "-q", ...DENO_PROJECT_ARGS, PACK, await workshop.relay(), ours]
          .concat(base === undefined ? [] : [base]),
      }],
      ...made(ours),
    },
    {
      name: peer,
      commands: [
        await buildCommand(workshop),
        { program: "sh", args: ["-c", 'docker save "$1" | gzip -6 > "$2"', "sh", TAG, theirs] },
      ],
      ...made(theirs),
    },
  ], { runs, onRun });
  return {
    what: "`export` after the compile",
    unit: "s",
    ours: first!,
    peer: { name: peer, summary: second! },
    bar: { of: "ratio", atMost: 0.5 },
  };
}

/** Builds the image once, untimed: Docker's first build takes longer. */
async function withImage(
  context: CaseContext,
  measure: (context: CaseContext) => Promise<Row>,
): Promise<Row[]> {
  await run(await buildCommand(context.workshop));
  try {
    return [await measure(context)];
  } finally {
    await run({ program: "docker", args: ["image", "rm", "--force", TAG] });
  }
}

/** Builds from a folder that holds only what the Dockerfile copies. */
async function buildCommand(workshop: Workshop): Promise<Command> {
  const { base } = workshop;
  const folder = workshop.join("context");
  Deno.mkdirSync(dirname(`${folder}/${BINARY_IN_CONTEXT}`), { recursive: true });
  Deno.copyFileSync(DOCKERFILE, `${folder}/Dockerfile`);
  Deno.copyFileSync(await workshop.relay(), `${folder}/${BINARY_IN_CONTEXT}`);
  const image = await loadBase(base ?? readDockerfile(DOCKERFILE).base);
  return {
    program: "docker",
    args: ["build", "--quiet", "--no-cache", "--platform=linux/amd64", `--tag=${TAG}`]
      .concat([`--build-arg=BASE=${image}`, folder]),
  };
}
