/**
 * Starts anvil, an EVM for this machine.
 *
 * @module
 */

import { join } from "node:path";
import { killChild, startCommand } from "../process/command.ts";
import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";
import { endTogether } from "./end_together.ts";

/** Its wrapper on npm, which depends on a package for each platform. */
const PACKAGE = "npm:@foundry-rs/anvil@1.7.1";
const FOLDER = join(ROOT, "tasks/lib/devnet");

/** Options of {@linkcode startAnvil}. */
export interface AnvilOptions {
  /** The chain's id. */
  chainId: number;
  /**
   * The port that it listens on.
   *
   * @default a free one
   */
  port?: number;
  /**
   * A file that it starts from, if it is there, and writes when it stops.
   *
   * @default none
   */
  state?: string;
}

/** A running chain. It stops at the end of an `await using` block. */
export interface Anvil extends AsyncDisposable {
  /** The RPC's URL, on loopback. */
  readonly url: string;
}

let found: Promise<string> | undefined;

/**
 * Finds anvil's program. It is downloaded the first time.
 *
 * @throws {ToolError} It can't be downloaded, or there is none for this platform.
 */
export function findAnvil(): Promise<string> {
  return found ??= locate();
}

async function locate(): Promise<string> {
  // The project's configuration would make its own dependencies a part of the lock file.
  const config = ["--no-config", "--node-modules-dir=none"];
  const lock = [`--lock=${join(FOLDER, "anvil.lock")}`, "--frozen"];
  const { success, stdout, stderr } = await runDeno(
    ["run", "-q", "-A", ...config, ...lock, join(FOLDER, "anvil_path.ts"), PACKAGE],
    { cwd: ROOT },
  );
  if (success) return stdout;
  throw new ToolError(
    `anvil, the chain for this machine, isn't available; expected to get ${PACKAGE} from npm on Linux, ` +
      `macOS or Windows:\n${stderr}`,
  );
}

/**
 * Starts a chain that mines each transaction at once.
 *
 * @throws {ToolError} It isn't available or doesn't start.
 */
export async function startAnvil({ chainId, port = 0, state }: AnvilOptions): Promise<Anvil> {
  const args = ["--host", "127.0.0.1", "--port", `${port}`, "--chain-id", `${chainId}`];
  const child = startCommand({
    program: await findAnvil(),
    // No page in a browser may use it.
    args: [
      ...args,
      "--accounts",
      "0",
      "--no-cors",
      ...state === undefined ? [] : [
        "--state",
        state,
      ],
    ],
  }, "piped");
  const ended = endTogether(child);
  const errors = new Response(child.stderr).text();
  const { address, rest } = await readAddress(child);
  if (address === undefined) {
    await ended;
    throw new ToolError(`anvil doesn't start: ${(await errors).trim()}`);
  }
  return {
    url: `http://${address}`,
    async [Symbol.asyncDispose]() {
      // It writes its state before it ends.
      killChild(child, "SIGTERM");
      await Promise.all([ended, rest, errors]);
    },
  };
}

/** Reads up to where anvil says where it listens, and on: it must not wait for a reader. */
async function readAddress(
  { stdout }: Deno.ChildProcess,
): Promise<{ address?: string; rest?: Promise<void> }> {
  let said = "";
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return {};
    said += value;
    const [, address] = /Listening on (\S+)/.exec(said) ?? [];
    if (address !== undefined) return { address, rest: drain(reader) };
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}
