/**
 * A workbench for tests, on a script and mounts of its own.
 *
 * @module
 */

import { join } from "node:path";
import { openWorkbench, type Workbench } from "../../tasks/lib/workbench/server/workbench.ts";
import { linesOf } from "../../tasks/lib/workbench/sql/text_lines.ts";
import {
  TOKEN_HEADER,
  type WorkbenchEvent,
  type WorkbenchState,
} from "../../tasks/lib/workbench/wire.ts";
import { Mounts } from "./mounts.ts";

/** A script with three users, and a query of two of their columns. */
export const SCRIPT = `CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT, locale TEXT);
INSERT INTO users VALUES ('u-1', 'Ana', 'pt'), ('u-2', 'Bo', 'sv'), ('u-3', 'Cy', NULL);
CREATE TABLE results AS
SELECT id, locale FROM users;
`;

/** A workbench that ends at the end of the `await using` block. */
export class TestWorkbench implements AsyncDisposable {
  /** Its mounts. */
  readonly mounts: Mounts;
  /** Its script. */
  readonly script: string;
  /** Its job. */
  readonly entry: string;
  /** Its address, without a path. */
  readonly origin: string;
  /** Its token. */
  readonly token: string;
  readonly #workbench: Workbench;

  private constructor(mounts: Mounts, workbench: Workbench) {
    this.mounts = mounts;
    this.#workbench = workbench;
    this.script = join(mounts.root, "data.sql");
    this.entry = join(mounts.root, "job.ts");
    const url = new URL(workbench.url);
    this.origin = url.origin;
    this.token = url.hash.replace("#token=", "");
  }

  /** Starts one, on a job whose `process` has this body. */
  static async start(
    { job = "", script = SCRIPT, prepare }: {
      job?: string;
      script?: string;
      prepare?: (mounts: Mounts) => void;
    } = {},
  ): Promise<TestWorkbench> {
    const mounts = new Mounts();
    const paths = { script: join(mounts.root, "data.sql"), entry: join(mounts.root, "job.ts") };
    Deno.writeTextFileSync(paths.script, script);
    Deno.writeTextFileSync(paths.entry, jobOf(job));
    prepare?.(mounts);
    const { input, output } = mounts;
    return new TestWorkbench(mounts, await openWorkbench({ ...paths, input, output, port: 0 }));
  }

  /** Sends a request with the token. */
  send(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(this.origin + path, {
      ...init,
      headers: { [TOKEN_HEADER]: this.token, ...init.headers },
    });
  }

  /** Calls a function, and returns its answer. */
  async ask(name: string, body?: unknown, signal?: AbortSignal): Promise<unknown> {
    const init = { method: "POST", body: JSON.stringify(body ?? {}), signal };
    return await (await this.send(`/api/${name}`, init)).json();
  }

  /** Waits until the state meets a condition, and returns it. */
  async until(wanted: (state: WorkbenchState) => boolean): Promise<WorkbenchState> {
    const left = new AbortController();
    const response = await this.send("/api/events", { signal: left.signal });
    let state: WorkbenchState | undefined;
    try {
      for await (const line of linesOf(response.body!)) {
        if (!line.startsWith("data: ")) continue;
        const event: WorkbenchEvent = JSON.parse(line.slice("data: ".length));
        if (event.type === "all") state = event.state;
        if (event.type === "part") state = { ...state!, ...event.part };
        if (state !== undefined && wanted(state)) return state;
      }
    } finally {
      left.abort();
    }
    throw new Error("The workbench closed the stream");
  }

  /** Waits until a run has ended. */
  async ended(number = 1): Promise<WorkbenchState> {
    return await this.until(({ run }) =>
      run?.number === number && ["done", "failed", "stopped"].includes(run.phase)
    );
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#workbench[Symbol.asyncDispose]();
    this.mounts[Symbol.dispose]();
  }
}

/** A job whose `process` has this body. */
export function jobOf(body: string): string {
  return `export default { name: "tried", async process({ results, artifacts, log }) { ${body} } };\n`;
}
