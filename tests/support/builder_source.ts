/**
 * A builder's checkout, as an auditor has it.
 *
 * @module
 */

import { dirname } from "node:path";
import { bundleJob } from "../../tasks/lib/binary/job_program.ts";
import {
  compareSource,
  type SourceComparison,
} from "../../tasks/lib/builder_source/compare_source.ts";
import { Checkout } from "./checkout.ts";

/** A job that writes the number of rows. */
export const HONEST_JOB = `import { defineJob } from "./mod.ts";

export default defineJob({
  name: "count",
  async process({ artifacts, results }) {
    await artifacts.writeText("count.txt", String(results.count()));
  },
});
`;

/** A copy of this checkout with a job of its own. What lies beside it is outside of the source. */
export class BuilderCheckout extends Checkout {
  /** Makes it, and writes files into it. */
  constructor(files: Record<string, string> = {}) {
    super("checkout", { mtime: 1_700_000_000 });
    this.write({ "main.ts": HONEST_JOB, ...files });
  }

  /** Writes files. */
  write(files: Record<string, string>): void {
    for (const [path, text] of Object.entries(files)) {
      Deno.mkdirSync(dirname(this.join(path)), { recursive: true });
      Deno.writeTextFileSync(this.join(path), text);
    }
  }

  /** Changes a file of JSON. */
  change<T>(path: string, change: (value: T) => void): void {
    const value: T = JSON.parse(Deno.readTextFileSync(this.join(path)));
    change(value);
    Deno.writeTextFileSync(this.join(path), JSON.stringify(value));
  }

  /** The program that the builder makes of it. */
  async program(entry = "main.ts"): Promise<Uint8Array> {
    const denoArgs = [`--config=${this.join("deno.json")}`, `--lock=${this.join("deno.lock")}`];
    return new TextEncoder().encode(
      await bundleJob(this.join(entry), { root: this.path, denoArgs }),
    );
  }

  /** What the auditor's comparison with a program says. */
  async compare(program: Uint8Array | undefined, entry?: string): Promise<SourceComparison> {
    return await compareSource({ dir: this.path, entry }, program);
  }
}
