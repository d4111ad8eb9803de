// deno task run: starts the image as the Compute Engine would.

import { isLoopback } from "../src/loopback.ts";
import { PARAMETER_NAMES } from "../src/host/parameters.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { killChild } from "./lib/process/command.ts";
import { describeOutput, snapshotOutput } from "./lib/data/describe_output.ts";
import { prepareDummyData } from "./lib/data/dummy_data.ts";
import { ToolError } from "./lib/errors.ts";
import { queryDocker, requireDocker, spawnDocker } from "./lib/image/docker.ts";
import { personPath } from "./lib/person_path.ts";
import { INPUT, JOB_NAME, OUTPUT } from "./lib/project.ts";
import { screenOf } from "./lib/screen/screen.ts";

/** These name the mounts on this side; in the container the mounts are where the engine puts them. */
const MOUNT_NAMES = ["INPUT_PATH", "OUTPUT_PATH"];

await runTask(async () => {
  const command = task("run", "Start the image as the Compute Engine would")
    .option("--tag <name>", "the image", JOB_NAME)
    .option("--real-engine", "send QUERY to the network's Query Engine, or the one you name")
    .addHelpText(
      "after",
      "\nIt runs on dummy data and without a network, unless QUERY is set and either --real-engine is" +
        "\ngiven or QUERY_ENGINE_URL is on this machine (`deno task engine`). Then the parameters in the" +
        "\nenvironment are passed on." +
        "\nThe mounts are ./input and ./output, or INPUT_PATH and OUTPUT_PATH.",
    );
  const { tag, realEngine = false } = (await command.parseAsync()).opts();
  const { production, reason } = choosePlan(realEngine);
  print(`Running ${tag} ${reason}`);
  await requireDocker();
  await requireImage(tag);
  const input = personPath(Deno.env.get("INPUT_PATH") || INPUT);
  const output = personPath(Deno.env.get("OUTPUT_PATH") || OUTPUT);
  for (const folder of [input, output]) Deno.mkdirSync(folder, { recursive: true });
  using data = production ? undefined : prepareDummyData(input);
  if (data !== undefined) print(data.description);
  const before = snapshotOutput(output);
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
    mountArg(data?.input ?? input, "/mnt/input"),
    mountArg(output, "/mnt/output"),
    tag,
  ]);
  if (code === 0) {
    print();
    print(describeOutput(output, { before, ...screenOf(Deno.stdout) }));
    note("\nNext: make the archive to register with `deno task export`");
  }
  return code;
});

/** Whether the Query Engine is asked, and why. */
function choosePlan(realEngine: boolean): { production: boolean; reason: string } {
  const hasQuery = Boolean(Deno.env.get("QUERY"));
  const url = Deno.env.get("QUERY_ENGINE_URL") || undefined;
  if (realEngine && !hasQuery) {
    throw new ToolError("--real-engine needs QUERY and QUERY_SIGNATURE in the environment");
  }
  if (realEngine && isDevMode()) {
    throw new ToolError("DEV_MODE means dummy data, --real-engine a query; unset DEV_MODE");
  }
  const dummy = (why: string) => ({
    production: false,
    reason: `on dummy data, without a network: ${why}`,
  });
  if (isDevMode()) return dummy("DEV_MODE is set");
  if (!hasQuery) return dummy("QUERY isn't set");
  if (isOnThisMachine(url)) {
    return {
      production: true,
      reason:
        `with the QUERY that is set, on the Query Engine of this machine (QUERY_ENGINE_URL); ` +
        "the container shares this machine's network",
    };
  }
  if (!realEngine) {
    return dummy("QUERY is set, but is sent to a Query Engine with --real-engine only");
  }
  const engine = url === undefined || !URL.canParse(url)
    ? "the network's Query Engine"
    : `the Query Engine at ${new URL(url).origin}`;
  return { production: true, reason: `with the QUERY that is set, on ${engine} (--real-engine)` };
}

/** As the worker reads it. */
function isDevMode(): boolean {
  return /^(1|true|yes|on)$/i.test(Deno.env.get("DEV_MODE") ?? "");
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

/** A mount. `--volume` would split a path at a colon; `--mount` is CSV, in which commas are quoted. */
function mountArg(source: string, target: string): string {
  const field = `source=${source}`;
  const quoted = /[",]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
  return `--mount=type=bind,${quoted},target=${target}`;
}

function productionArgs(): string[] {
  // Names without values: Docker takes the values from the environment, so the signature is on no
  // command line.
  const args = PARAMETER_NAMES
    .filter((name) => !MOUNT_NAMES.includes(name) && Deno.env.get(name))
    .map((name) => `--env=${name}`);
  return isOnThisMachine(Deno.env.get("QUERY_ENGINE_URL")) ? [...args, "--network=host"] : args;
}

function isOnThisMachine(url: string | undefined): boolean {
  return url !== undefined && URL.canParse(url) && isLoopback(new URL(url));
}

/** Runs the container to its end; a signal goes on to the job, and its exit code is ours. */
async function start(args: string[]): Promise<number> {
  const container = spawnDocker(args);
  const forward = () => killChild(container, "SIGTERM");
  // On Ctrl-C the terminal signals Docker too.
  Deno.addSignalListener("SIGINT", ignore);
  Deno.addSignalListener("SIGTERM", forward);
  const { code } = await container.status;
  Deno.removeSignalListener("SIGTERM", forward);
  Deno.removeSignalListener("SIGINT", ignore);
  return code;
}

function ignore(): void {}
