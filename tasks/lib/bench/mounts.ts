/**
 * The two mounts of one side of a comparison.
 *
 * @module
 */

import { join } from "node:path";
import { RESULTS_FILE } from "../../../src/results/results.ts";

/** An input and an output folder, and a worker's environment that names them. */
export class BenchMounts {
  /** The input mount. */
  readonly input: string;
  /** The output mount. */
  readonly output: string;
  readonly #root: string;

  /**
   * Chooses the folders.
   *
   * @param root A folder that nothing else uses.
   * @param input Another input mount, which is never changed.
   */
  constructor(root: string, input: string = join(root, "input")) {
    this.#root = root;
    this.input = input;
    this.output = join(root, "output");
  }

  /** Where the results are relayed to. */
  get relayed(): string {
    return join(this.output, RESULTS_FILE);
  }

  /** Makes both again, empty. */
  empty(): void {
    this.remove();
    for (const folder of [this.input, this.output]) Deno.mkdirSync(folder, { recursive: true });
  }

  /** Removes both: the next run needs the disk space of a large file. */
  remove(): void {
    try {
      Deno.removeSync(this.#root, { recursive: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** The environment of a dev run. */
  devEnv(): Record<string, string> {
    return { ...this.#env(), DEV_MODE: "1" };
  }

  /** The environment of a production run. */
  productionEnv(engineUrl: string): Record<string, string> {
    return {
      ...this.#env(),
      QUERY: "SELECT * FROM data",
      QUERY_SIGNATURE: "0x00",
      COMPUTE_JOB_ID: "1",
      DATA_REFINER_ID: "1",
      QUERY_ENGINE_URL: engineUrl,
    };
  }

  /** Queries and proxies of the person's own environment must not reach a worker. */
  #env(): Record<string, string> {
    const passedOn = ["PATH", "HOME", "PYTHONPATH"].flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    });
    return { ...Object.fromEntries(passedOn), INPUT_PATH: this.input, OUTPUT_PATH: this.output };
  }
}
