/**
 * Runs jobs in Docker, on a network of their own on which only the Query Engine listens.
 *
 * @module
 */

import { startCommand } from "../process/command.ts";
import { ToolError } from "../errors.ts";
import { queryDocker } from "../image/docker.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import type { RunTask } from "./compute_engine/runs.ts";
import { finishJob, jobVariables } from "./job_environment.ts";

const MEMORY = "2g";
const PROCESSES = "512";

/** A network of Docker's on which jobs run. */
export interface JobsNetwork extends AsyncDisposable {
  /** Its name. */
  readonly name: string;
  /**
   * This machine's address on it, if it is one that leads nowhere else. Docker Desktop runs containers in a
   * virtual machine, from which this machine can't be reached on such a network.
   */
  readonly address?: string;
}

/**
 * Makes a network for jobs.
 *
 * @throws {ToolError} Docker isn't there, or can't make one.
 */
export async function makeJobsNetwork(): Promise<JobsNetwork> {
  const name = `result-relay-devnet-${crypto.randomUUID().slice(0, 8)}`;
  await docker(["network", "create", "--internal", name]);
  const address = await docker([
    ...["network", "inspect", name, "--format"],
    "{{(index .IPAM.Config 0).Gateway}}",
  ]);
  const remove = async () => void await queryDocker(["network", "rm", name]);
  if (isOwn(address)) return { name, address, [Symbol.asyncDispose]: remove };
  await remove();
  return { name: "bridge", [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Whether an address is this machine's, so that a server can listen there. */
function isOwn(hostname: string): boolean {
  try {
    Deno.listen({ hostname, port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

async function docker(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await queryDocker(args);
  if (success) return stdout;
  throw new ToolError(`docker ${args[0]} failed: ${stderr || stdout}`);
}

/** How containers run. */
export interface ContainerOptions {
  /** The network's name. */
  network: string;
  /** The Query Engine's URL, as containers reach it. */
  queryEngineUrl: string;
  /** Where the archive of a SHA-256 is. */
  archiveOf: (sha256: string) => string;
}

/** Runs jobs in containers. At the end of an `await using` block the images go that it loaded. */
export class Containers implements AsyncDisposable {
  readonly #options: ContainerOptions;
  readonly #images = new Map<string, Promise<LoadedImage>>();

  /** Prepares to run them. */
  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  /**
   * Runs a job.
   *
   * @throws {RunFailure} It failed.
   */
  async run(task: RunTask): Promise<void> {
    const { id: image } = await this.#load(task.job.image.sha256);
    const name = `result-relay-job-${task.id}-${crypto.randomUUID().slice(0, 8)}`;
    const kill = () => void queryDocker(["kill", name]).catch(() => {});
    using input = new TemporaryFolder({ prefix: "devnet-input-", endOnSignal: false });
    task.signal.throwIfAborted();
    task.signal.addEventListener("abort", kill);
    try {
      await finishJob(start(task, { ...this.#options, image, name, input: input.path }), task);
    } finally {
      task.signal.removeEventListener("abort", kill);
    }
  }

  async #load(sha256: string): Promise<LoadedImage> {
    const before = this.#images.get(sha256);
    if (before !== undefined) return await before;
    const loading = loadImage(this.#options.archiveOf(sha256));
    this.#images.set(sha256, loading);
    loading.catch(() => this.#images.delete(sha256));
    return await loading;
  }

  /** Removes the images. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const loaded of await Promise.allSettled(this.#images.values())) {
      if (loaded.status === "rejected" || !loaded.value.isNew) continue;
      await queryDocker(["image", "rm", loaded.value.id]);
    }
  }
}

function start(
  task: RunTask,
  { network, queryEngineUrl, image, name, input }: ContainerOptions & {
    image: string;
    name: string;
    input: string;
  },
): Deno.ChildProcess {
  const variables = jobVariables(task, queryEngineUrl);
  return startCommand({
    program: "docker",
    args: [
      ...["run", "--rm", `--name=${name}`, "--pull=never", "--platform=linux/amd64"],
      ...["--read-only", "--tmpfs=/tmp", "--cap-drop=ALL"],
      ...["--security-opt=no-new-privileges", `--network=${network}`],
      ...[`--memory=${MEMORY}`, `--pids-limit=${PROCESSES}`],
      ...userArgs(),
      // Names without values: so the signature is on no command line.
      ...Object.keys(variables).map((name) => `--env=${name}`),
      `--mount=type=bind,source=${input},target=/mnt/input`,
      `--mount=type=bind,source=${task.output},target=/mnt/output`,
      image,
    ],
    env: { ...Deno.env.toObject(), ...variables },
  }, "piped");
}

/** Without its capabilities, root may write only what belongs to root. */
function userArgs(): string[] {
  const [uid, gid] = [Deno.uid(), Deno.gid()];
  return uid === null || uid === 0 ? [] : [`--user=${uid}:${gid}`];
}

/** An image that was loaded. */
interface LoadedImage {
  /** Its id. */
  id: string;
  /** Whether it wasn't there before. */
  isNew: boolean;
}

/** Loads an archive's image. Its tag, which may be that of another image here, is given back. */
async function loadImage(archive: string): Promise<LoadedImage> {
  const before = await tags();
  const said = await docker(["load", "--quiet", `--input=${archive}`]);
  const [, loaded] = /^Loaded image(?: ID)?: (.+)$/m.exec(said) ?? [];
  if (loaded === undefined) throw new ToolError(`Docker loads no image from the archive: ${said}`);
  const id = await docker(["image", "inspect", loaded, "--format", "{{.Id}}"]);
  const earlier = before.get(loaded);
  if (earlier !== undefined && earlier !== id) await docker(["tag", earlier, loaded]);
  return { id, isNew: ![...before.values()].includes(id) };
}

/** The images' ids by their tags. */
async function tags(): Promise<Map<string, string>> {
  const format = "{{.Repository}}:{{.Tag}} {{.ID}}";
  const listed = await docker(["image", "ls", "--no-trunc", "--format", format]);
  return new Map(listed.split("\n").map((line) => line.split(" ") as [string, string]));
}
