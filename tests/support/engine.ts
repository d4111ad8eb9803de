/**
 * A Query Engine for tests, over the dummy data, and a production run against it.
 *
 * @module
 */

import { join } from "node:path";
import { type Engine, type EngineOptions, startEngine } from "../../tasks/lib/engine/engine.ts";
import type { Stage } from "../../tasks/lib/engine/fault.ts";
import { signQuery } from "../../tasks/lib/engine/signature.ts";
import { seedDatabase } from "../../tasks/lib/data/seed_database.ts";
import type { Mounts } from "./mounts.ts";

/** A key for tests, which holds nothing. */
export const TEST_KEY = "0x" + "11".repeat(32);

/** The account of {@linkcode TEST_KEY}. */
export const TEST_ACCOUNT = "0x19E7E376E7C213B7E7e7e46cc70A5dD086DAff2A";

/** What tests ask. */
export const TEST_QUERY =
  "SELECT user_id, name, locale FROM users WHERE locale > ? ORDER BY user_id";

/** The parameter of {@linkcode TEST_QUERY}; all ten users match. */
export const TEST_PARAMS = '["aaaa-secret-locale"]';

/** An engine that stops at the end of the `await using` block. */
export class TestEngine implements AsyncDisposable {
  readonly #folder: string;
  readonly #engine: Engine;

  /** Starts an engine; its data is dummy_data.sql unless a database is named. */
  constructor(options: Partial<EngineOptions> = {}) {
    this.#folder = Deno.makeTempDirSync({ prefix: "engine-test-" });
    const database = join(this.#folder, "refiner.db");
    if (options.database === undefined) {
      seedDatabase({ from: "dummy_data.sql", to: database, needsResults: false });
    }
    this.#engine = startEngine({ database, folder: this.#folder, ...options });
  }

  /** Its base URL. */
  get url(): string {
    return this.#engine.url;
  }

  /** The requests so far. */
  get requests(): Engine["requests"] {
    return this.#engine.requests;
  }

  /** How often a fault really happened, by what went over the wire. */
  shown(name: string, stage: Stage): number {
    return this.#engine.faultsShown().get(`${name}@${stage}`) ?? 0;
  }

  /** How many requests of a stage it has seen. */
  count(stage: string): number {
    return this.requests.filter((request) => request.stage === stage).length;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close();
    Deno.removeSync(this.#folder, { recursive: true });
  }
}

/** The signature of a query by {@linkcode TEST_KEY}. */
export async function testSignature(query: string = TEST_QUERY): Promise<string> {
  return (await signQuery(query, TEST_KEY)).signature;
}

/** The environment of a production run against an engine, with short limits. */
export async function productionEnv(
  mounts: Mounts,
  url: string,
  query: string = TEST_QUERY,
): Promise<Record<string, string>> {
  return {
    ...mounts.env,
    QUERY: query,
    QUERY_SIGNATURE: await testSignature(query),
    QUERY_ENGINE_URL: url,
    COMPUTE_JOB_ID: "7",
    DATA_REFINER_ID: "12",
    QUERY_TIMEOUT_SECONDS: "4",
    DOWNLOAD_STALL_SECONDS: "1",
    LOG_LEVEL: "debug",
    ...(query === TEST_QUERY ? { QUERY_PARAMS: TEST_PARAMS } : {}),
  };
}
