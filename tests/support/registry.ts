/**
 * A real image registry on this machine, for tests.
 *
 * @module
 */

import { setTimeout as delay } from "node:timers/promises";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { hasProgram } from "./artifacts.ts";

/** Whether a registry can be started and filled. */
export const canRunRegistry: boolean = hasProgram("docker-registry") && hasProgram("skopeo");

const START_MS = 10_000;

/** A registry that stops at the end of the `await using` block. */
export class TestRegistry implements AsyncDisposable {
  /** Where it listens: `127.0.0.1:PORT`. */
  readonly host: string;
  readonly #folder: TemporaryFolder;
  readonly #process: Deno.ChildProcess;

  private constructor(host: string, folder: TemporaryFolder, process: Deno.ChildProcess) {
    this.host = host;
    this.#folder = folder;
    this.#process = process;
  }

  /** Starts an empty one. */
  static async start(): Promise<TestRegistry> {
    const folder = new TemporaryFolder({ prefix: "registry-" });
    const host = `127.0.0.1:${freePort()}`;
    Deno.writeTextFileSync(
      folder.join("config.yml"),
      JSON.stringify({
        version: "0.1",
        log: { level: "error" },
        storage: { filesystem: { rootdirectory: folder.join("data") } },
        http: { addr: host },
      }),
    );
    const process = new Deno.Command("docker-registry", {
      args: ["serve", folder.join("config.yml")],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const registry = new TestRegistry(host, folder, process);
    for (const started = Date.now(); !await answers(host);) {
      if (Date.now() - started > START_MS) {
        await registry[Symbol.asyncDispose]();
        throw new Error("docker-registry doesn't start");
      }
      await delay(50);
    }
    return registry;
  }

  /** Puts an image from a `docker save` file into it, and returns its pinned name. */
  async push(archive: string, repository: string): Promise<string> {
    const name = `${this.host}/${repository}`;
    const digestFile = this.#folder.join("digest");
    const { success, stderr } = await new Deno.Command("skopeo", {
      args: ["copy", "--insecure-policy", "--dest-tls-verify=false", `--digestfile=${digestFile}`]
        .concat([`docker-archive:${archive}`, `docker://${name}:latest`]),
      stdout: "null",
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return `${name}@${Deno.readTextFileSync(digestFile).trim()}`;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.status;
    this.#folder[Symbol.dispose]();
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function answers(host: string): Promise<boolean> {
  try {
    const response = await fetch(`http://${host}/v2/`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
