/**
 * A Query Engine that serves one given file, in a process of its own: its work must not slow down the
 * process that measures.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { startCommand } from "../process/command.ts";
import { type Exchange, serveWire } from "../engine/wire.ts";
import { ToolError } from "../errors.ts";

/** Options of {@linkcode FileEngine.start}. */
export interface FileEngineOptions {
  /** The results database, the answer to every query. */
  file: string;
  /**
   * Seconds from a query's submission to its success.
   *
   * @default 0
   */
  delaySeconds?: number;
}

/** The process that serves, for the one that started it. */
export class FileEngine implements AsyncDisposable {
  /** Its base URL. */
  readonly url: string;
  /** Where the file is. */
  readonly resultsUrl: string;
  readonly #process: Deno.ChildProcess;

  private constructor(url: string, process: Deno.ChildProcess) {
    this.url = url;
    this.resultsUrl = url + RESULTS_PATH;
    this.#process = process;
  }

  /** Starts it and waits until it listens. */
  static async start({ file, delaySeconds = 0 }: FileEngineOptions): Promise<FileEngine> {
    const process = startCommand({
      program: Deno.execPath(),
      args: ["run", "-q", "--no-config", "--allow-net=127.0.0.1", `--allow-read=${file}`]
        .concat([fileURLToPath(import.meta.url), file, String(delaySeconds)]),
      stdin: "piped",
    }, "piped");
    const { value } = await process.stdout.pipeThrough(new TextDecoderStream()).getReader().read();
    if (value === undefined) {
      const reason = await new Response(process.stderr).text();
      throw new ToolError(`The benchmark's Query Engine didn't start:\n\n${reason}`);
    }
    return new FileEngine(value.trim(), process);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process.stdin.close();
    await this.#process.status;
  }
}

const RESULTS_PATH = "/results/query_results.db";
const PIECE_BYTES = 1 << 20;

async function serve(path: string, delaySeconds: number): Promise<void> {
  const readyAt = new Map<string, number>();
  const { origin, close } = serveWire({
    port: 0,
    async handle(exchange) {
      const { method, target } = exchange.request;
      if (method === "POST") {
        const id = crypto.randomUUID();
        readyAt.set(id, performance.now() + delaySeconds * 1000);
        return await exchange.respondJson(200, { query_id: id });
      }
      if (target === RESULTS_PATH) return await sendFile(exchange, path);
      const ready = performance.now() >= readyAt.get(target.slice("/query/".length))!;
      await exchange.respondJson(
        200,
        ready
          ? { query_status: "success", query_results: origin + RESULTS_PATH }
          : { query_status: "processing" },
      );
    },
  });
  await Deno.stdout.write(new TextEncoder().encode(`${origin}\n`));
  // Ends with the process that started it, which holds the other end.
  await Deno.stdin.readable.pipeTo(new WritableStream());
  close();
}

async function sendFile(exchange: Exchange, path: string): Promise<void> {
  using file = Deno.openSync(path);
  const { size, mtime } = file.statSync();
  await exchange.head(200, {
    "content-type": "application/octet-stream",
    "content-length": String(size),
    "accept-ranges": "bytes",
    etag: `"${size}-${mtime?.getTime()}"`,
  });
  const piece = new Uint8Array(PIECE_BYTES);
  for (;;) {
    const read = file.readSync(piece);
    if (read === null || exchange.closed) return;
    await exchange.write(piece.subarray(0, read));
  }
}

if (import.meta.main) {
  const [path = "", delaySeconds] = Deno.args;
  await serve(path, Number(delaySeconds));
  Deno.exit();
}
