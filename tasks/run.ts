// deno task run: starts the image as the Compute Engine would.

import { resolve } from "node:path";
import { isLoopback } from "../src/loopback.ts";
import { PARAMETER_NAMES } from "../src/host/parameters.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { queryDocker, requireDocker, spawnDocker } from "./lib/image/docker.ts";
import { seedIfOld } from "./lib/data/dummy_data.ts";
import { killChild } from "./lib/command.ts";
import { INPUT, JOB_NAME, OUTPUT } from "./lib/project.ts";
import { showOutput } from "./lib/data/show_output.ts";

/** These name the mounts on this side; in the container the mounts are where the engine puts them. */
const MOUNT_NAMES = ["INPUT_PATH", "OUTPUT_PATH"];

await runTask(async () => {
  const command = task("run", "Start the image as the Compute Engine would")
    .option("--tag <name>", "the image", JOB_NAME)
    .addHelpText(
      "after",
      "\nWith QUERY set in the environment it asks the Query Engine, and the parameters are passed on." +
        "\nWithout, or with DEV_MODE=1, it runs on dummy data and has no network." +
        "\nThe mounts are ./input and ./output, or INPUT_PATH and OUTPUT_PATH.",
    );
  const { tag } = (await command.parseAsync()).opts();
  await requireDocker();
  await requireImage(tag);
  const input = resolve(Deno.env.get("INPUT_PATH") || INPUT);
  const output = resolve(Deno.env.get("OUTPUT_PATH") || OUTPUT);
  for (const folder of [input, output]) Deno.mkdirSync(folder, { recursive: true });
  const production = Boolean(Deno.env.get("QUERY")) && !isDevMode();
  if (!production) seedIfOld(input);
  const code = await start([
    "run",
    "--rm",
    "--pull=never",
    "--platform=linux/amd64",
    "--read-only",
    "--tmpfs=/tmp",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    ...userArgs(),
    ...(production ? productionArgs() : ["--network=none", "--env=DEV_MODE=1"]),
    `--volume=${input}:/mnt/input`,
    `--volume=${output}:/mnt/output`,
    tag,
  ]);
  if (code === 0) {
    print();
    showOutput(output);
  }
  return code;
});

/** As the worker reads it. */
function isDevMode(): boolean {
  return /^(1|true|yes)$/i.test(Deno.env.get("DEV_MODE") ?? "");
}

async function requireImage(tag: string): Promise<void> {
  const { success } = await queryDocker(["image", "inspect", tag]);
  if (success) return;
  throw new ToolError(
    `There is no image ${tag}; make it with \`deno task build${
      tag === JOB_NAME ? "" : ` --tag ${tag}`
    }\`, or load an archive with \`docker load\``,
  );
}

/**
 * Without its capabilities, root may write only what belongs to root: on a person's own mounts the
 * container runs as that person.
 */
function userArgs(): string[] {
  const [uid, gid] = [Deno.uid(), Deno.gid()];
  return uid === null || uid === 0 ? [] : [`--user=${uid}:${gid}`];
}

function productionArgs(): string[] {
  // Names without values: Docker takes the values from the environment, so that the signature is on no
  // command line.
  const args = PARAMETER_NAMES
    .filter((name) => !MOUNT_NAMES.includes(name) && Deno.env.get(name))
    .map((name) => `--env=${name}`);
  if (isOnThisMachine(Deno.env.get("QUERY_ENGINE_URL"))) {
    note("QUERY_ENGINE_URL is this machine's own, so the container shares this machine's network");
    args.push("--network=host");
  }
  return args;
}

function isOnThisMachine(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && isLoopback(new URL(url));
}

/** Runs the container to its end; a signal goes on to the job, and its exit code is ours. */
async function start(args: string[]): Promise<number> {
  const container = spawnDocker(args);
  const forward = () => killChild(container, "SIGTERM");
  // On Ctrl-C the terminal tells Docker too.
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", forward);
  const { code } = await container.status;
  Deno.removeSignalListener("SIGTERM", forward);
  Deno.removeSignalListener("SIGINT", ignore);
  return code;
}

function ignore(): void {}
