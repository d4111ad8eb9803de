/**
 * The place where a hostile job is run: a sink on loopback, two mounts, a secret beside them, and a
 * record of all that is on the disk.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { join } from "node:path";
import type { ATTACKS, TOGETHER } from "./jobs/hostile/attacks.ts";
import type { Scene } from "./jobs/hostile/scene.ts";
import { makeDatabase, Mounts, SMALL_RESULTS } from "./mounts.ts";
import type { Outcome } from "./run.ts";

/** The signature that every hostile job is run with, though in dev mode. */
export const SIGNATURE: string = `0x${"5ec7e7".repeat(22).slice(0, 130)}`;

/** What no hostile job may show. */
export const SECRET = "the neighbour's secret";

/** A way to attack, and the parameter of the attack. */
export interface AttackName {
  /** Its kind. */
  kind: keyof typeof ATTACKS | typeof TOGETHER;
  /** Its name. */
  name: string;
}

/** A place to run hostile jobs in. */
export class HostileScene implements AsyncDisposable {
  /** The mounts. */
  readonly mounts: Mounts = new Mounts();
  /** What arrived at the sink, in words. */
  readonly arrived: string[] = [];
  readonly #tcp: Deno.TcpListener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #udp = createSocket("udp4");
  readonly #unix: Deno.UnixListener;

  private constructor() {
    const { root, inputDatabase, output } = this.mounts;
    for (const folder of ["outside", "home", "tmp", "cache", "cwd"]) {
      Deno.mkdirSync(join(root, folder));
    }
    Deno.writeTextFileSync(join(root, "outside/secret.txt"), SECRET);
    Deno.writeTextFileSync(join(root, "outside/secret.json"), JSON.stringify(SECRET));
    makeDatabase(inputDatabase, SMALL_RESULTS);
    Deno.writeTextFileSync(join(output, "old.txt"), "old");
    this.#unix = Deno.listen({ transport: "unix", path: join(root, "outside/socket") });
    void this.#accept(this.#tcp, "TCP");
    void this.#accept(this.#unix, "Unix");
    this.#udp.on("message", () => this.arrived.push("UDP"));
  }

  /** Makes one. */
  static async create(): Promise<HostileScene> {
    const scene = new HostileScene();
    scene.#udp.bind(scene.#tcp.addr.port, "127.0.0.1");
    await once(scene.#udp, "listening");
    return scene;
  }

  /** The environment of a run. */
  envFor({ kind, name }: AttackName): Record<string, string> {
    const { root, env, inputDatabase, output } = this.mounts;
    const scene: Omit<Scene, "staging"> = {
      port: this.#tcp.addr.port,
      outside: join(root, "outside"),
      socket: join(root, "outside/socket"),
      input: inputDatabase,
      output,
    };
    return {
      ...env,
      DEV_MODE: "1",
      QUERY: "SELECT 1",
      QUERY_SIGNATURE: SIGNATURE,
      QUERY_PARAMS: JSON.stringify([kind, name, JSON.stringify(scene)]),
      HOME: join(root, "home"),
      TMPDIR: join(root, "tmp"),
      DENO_DIR: join(root, "cache"),
      NO_COLOR: "1",
    };
  }

  /** Starts a binary here. */
  spawn(binary: string, attack: AttackName, env: Record<string, string> = {}): Deno.ChildProcess {
    return new Deno.Command(binary, {
      cwd: join(this.mounts.root, "cwd"),
      clearEnv: true,
      env: { ...this.envFor(attack), ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Everything that is on the disk here: paths, kinds, modes and contents. */
  record(): Record<string, string> {
    return Object.fromEntries(recordOf(this.mounts.root, ""));
  }

  /** Ends the sink and removes the folders. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#tcp.close();
    this.#unix.close();
    this.mounts[Symbol.dispose]();
    return new Promise((closed) => this.#udp.close(closed));
  }

  async #accept(listener: Deno.Listener, name: string): Promise<void> {
    try {
      for await (const connection of listener) {
        this.arrived.push(name);
        connection.close();
      }
    } catch {
      // The listener was closed.
    }
  }
}

/** What a run printed, both streams. */
export function printed({ stdout, stderr }: Outcome): string {
  return stdout + stderr;
}

/** Text that is being read from a stream. */
export interface TextUnderWay {
  /** All of it. */
  all: Promise<string>;
  /** Waits for text that matches; fails if there is none when the stream ends. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Reads text from a stream, from now on. */
export function readText(stream: ReadableStream<Uint8Array<ArrayBuffer>>): TextUnderWay {
  let seen = "";
  let ended = false;
  let next = Promise.withResolvers<void>();
  const all = (async () => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) {
      seen += piece;
      next.resolve();
      next = Promise.withResolvers();
    }
    ended = true;
    next.resolve();
    return seen;
  })();
  return {
    all,
    async until(pattern) {
      for (;;) {
        const match = pattern.exec(seen);
        if (match !== null) return match;
        if (ended) throw new Error(`expected ${pattern}, got ${seen}`);
        await next.promise;
      }
    },
  };
}

function* recordOf(root: string, folder: string): Generator<[string, string]> {
  for (const { name } of Deno.readDirSync(join(root, folder))) {
    const at = join(folder, name);
    const info = Deno.lstatSync(join(root, at));
    const mode = (info.mode! & 0o777).toString(8);
    if (info.isDirectory) {
      yield [at, `folder ${mode}`];
      yield* recordOf(root, at);
    } else if (info.isFile) {
      const hash = createHash("sha256").update(Deno.readFileSync(join(root, at))).digest("hex");
      yield [at, `file ${mode} ${hash}`];
    } else yield [at, `other ${mode}`];
  }
}
