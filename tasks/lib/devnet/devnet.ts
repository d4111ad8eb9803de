/**
 * A whole network on this machine: a chain, a Query Engine, a Compute Engine, and the files they need.
 *
 * @module
 */

import { join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { isFile, removeIfThere } from "../../../src/files.ts";
import { isLoopback } from "../../../src/loopback.ts";
import { chainLedger } from "./compute_engine/chain_ledger.ts";
import { type ComputeEngine, startComputeEngine } from "./compute_engine/engine.ts";
import type { EngineFault } from "./compute_engine/faults.ts";
import type { RunJob } from "./compute_engine/runs.ts";
import { type Engine, startEngine } from "../engine/engine.ts";
import { ToolError } from "../errors.ts";
import { ROOT } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { admitByChain } from "./admit_query.ts";
import { runAsProcess } from "./bare_process.ts";
import {
  DEVNET_DLP,
  type DevnetChain,
  type LocalChain,
  openChain,
  startDevnetChain,
} from "./chain.ts";
import { Containers, type JobsNetwork, makeJobsNetwork } from "./container.ts";
import { type Devnet, DEVNET_FILE, readDevnetFile, writeDevnetFile } from "./devnet_file.ts";
import { followEvents } from "./events.ts";
import { definitionPath, type FileServer, serveFiles } from "./file_server.ts";
import { Images } from "./images.ts";
import { joinRefiner, joinTee } from "./members.ts";
import { type DataSource, makeRefiners, type RefinerData } from "./refiner_data.ts";
import { runFromSource } from "./source_run.ts";

/** Seconds for which a query's results can be downloaded: a day. */
const RESULTS_SECONDS = 86_400;

/** The name by which Docker Desktop's containers reach this machine. */
const DESKTOP_HOST = "host.docker.internal";

/** Options of {@linkcode startDevnet}. */
export interface DevnetOptions {
  /** The refiners' schemas and data. */
  data: DataSource;
  /**
   * The port of the RPC; those of Query Engine, Compute Engine and files follow it. 0 picks free ones.
   *
   * @default 0
   */
  port?: number;
  /**
   * A folder in which the chain is kept for the next start.
   *
   * @default none
   */
  state?: string;
  /**
   * A chain that runs already, instead of one that is started: with contracts, a TEE at the file's URL, and a
   * key that may request payments. Refiners that have no data of their own have the first one's.
   *
   * @default none
   */
  external?: Devnet;
  /**
   * The folder whose archives are served.
   *
   * @default the checkout's `dist`
   */
  archives?: string;
  /** Whether jobs run in Docker; else as processes of their own. */
  docker: boolean;
  /**
   * A job's module: it runs from its source, whatever the archive is.
   *
   * @default jobs run from their archives
   */
  source?: string;
  /**
   * The base that a proof trusts, where jobs run as processes.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /** Whether all values of results are text, and NULL is `None`. */
  asText?: boolean;
  /** What the Compute Engine does wrong on purpose. */
  faults?: readonly EngineFault[];
  /** Gets a line for what happens. */
  onEvent: (line: string) => void;
}

/** A devnet that runs. */
export interface RunningDevnet {
  /** Its chain. */
  chain: LocalChain;
  /** The Query Engine's URL. */
  queryEngineUrl: string;
  /** The Compute Engine's URL. */
  computeEngineUrl: string;
  /** How jobs run, in a sentence. */
  runsJobs: string;
  /** Where archives of the checkout's `dist` folder are served. */
  archivesUrl: string;
  /** The refiners, and where the definitions of their schemas are served. */
  refiners: { id: bigint; name: string; url: string }[];
}

/**
 * Starts a devnet, and writes the file by which tasks find it. All of it ends with the stack.
 *
 * @param stack What ends it, in the opposite order.
 * @throws {ToolError} A part of it doesn't start.
 */
export async function startDevnet(
  options: DevnetOptions,
  stack: AsyncDisposableStack,
): Promise<RunningDevnet> {
  await expectNoOther();
  const folder = stack.use(new TemporaryFolder({ prefix: "devnet-", endOnSignal: false }));
  const refiners = await makeRefiners(options.data, folder.path);
  const own = options.external === undefined
    ? stack.use(await startDevnetChain({ port: options.port || undefined, state: options.state }))
    : undefined;
  const chain = own ?? openChain(options.external!);
  const stopFollowing = followEvents(chain.network, options.onEvent);
  stack.defer(stopFollowing);

  const dataOf = (refiner: bigint) =>
    refiners.find(({ id }) => id === refiner) ?? (own === undefined ? refiners[0] : undefined);
  const files = stack.use(startFiles({ ...options, dataOf }));
  const inDocker = options.docker && options.source === undefined;
  const jobs = inDocker ? stack.use(await makeJobsNetwork()) : undefined;
  const queries = startQueries(chain, { ...options, dataOf, folder, jobs });
  stack.defer(() => queries.close());
  const images = folder.join("images");
  Deno.mkdirSync(images);
  const kept = new Images(images);
  const archiveOf = (sha256: string) => kept.path(sha256);
  let run: RunJob;
  if (options.source !== undefined) {
    run = runFromSource(options.source, queries.url);
  } else if (jobs === undefined) {
    run = runAsProcess({ queryEngineUrl: queries.url, archiveOf, base: options.base });
  } else {
    const queryEngineUrl = queries.bridgeUrl ?? withHost(queries.url, DESKTOP_HOST);
    const containers = stack.use(
      new Containers({ network: jobs.name, queryEngineUrl, archiveOf }),
    );
    run = (task) => containers.run(task);
  }
  const compute = startCompute(chain, {
    ...options,
    folder,
    images: kept,
    run,
  });
  stack.defer(() => compute.close());

  const urlOf = (refiner: bigint) => `${files.url}${definitionPath(refiner)}`;
  if (own !== undefined) {
    await register(own, { refiners, urlOf, computeEngineUrl: compute.url });
  }
  writeDevnetFile(DEVNET_FILE, chain.devnet);
  stack.defer(() => removeIfThere(DEVNET_FILE));
  return {
    chain,
    queryEngineUrl: queries.url,
    computeEngineUrl: compute.url,
    runsJobs: describeRuns(options, jobs),
    archivesUrl: `${files.url}/archives`,
    refiners: refiners.map(({ id, name }) => ({ id, name, url: urlOf(id) })),
  };
}

/** The port of a TEE's URL, at which its Compute Engine must listen. */
function portIn(teeUrl: string): number {
  const url = URL.canParse(teeUrl) ? new URL(teeUrl) : undefined;
  if (url?.protocol === "http:" && isLoopback(url)) return Number(url.port || 80);
  throw new ToolError(
    `The TEE's URL is ${JSON.stringify(teeUrl)}; expected one of this machine, like ` +
      "http://127.0.0.1:8547",
  );
}

function describeRuns({ source }: DevnetOptions, jobs: JobsNetwork | undefined): string {
  if (source !== undefined) return "Jobs run from their source.";
  if (jobs === undefined) {
    return "Docker doesn't answer, so jobs run as processes of their own, and only from archives that " +
      "are proved to be made from this checkout.";
  }
  return jobs.address === undefined
    ? "Jobs run in Docker Desktop, on its ordinary network: they can reach other hosts, too."
    : `Jobs run in Docker, on the network ${jobs.name}, on which only the Query Engine listens.`;
}

function withHost(url: string, hostname: string): string {
  return `http://${hostname}:${new URL(url).port}`;
}

/** Two devnets can't both be found by the one file. */
async function expectNoOther(): Promise<void> {
  if (!isFile(DEVNET_FILE)) return;
  let rpc: string;
  try {
    ({ rpc } = readDevnetFile(DEVNET_FILE));
    await (await fetch(rpc, { method: "POST" })).body?.cancel();
  } catch {
    // One that was stopped hard has left its file.
    return;
  }
  throw new ToolError(`A devnet runs already, with its RPC at ${rpc}; stop it first`);
}

/** The port of a part; 0 picks a free one. */
function portOf({ port = 0 }: DevnetOptions, offset: number): number {
  return port === 0 ? 0 : port + offset;
}

/** A refiner's data; `undefined` if there is none of it here. */
type DataOf = (refiner: bigint) => RefinerData | undefined;

function startFiles({ dataOf, ...options }: DevnetOptions & { dataOf: DataOf }): FileServer {
  const port = portOf(options, 3);
  return orTaken(port, () =>
    serveFiles({
      port,
      archives: options.archives ?? join(ROOT, "dist"),
      definition: (refiner) => dataOf(BigInt(refiner))?.definition,
    }));
}

function startQueries(
  { network, wallet, devnet }: LocalChain,
  { dataOf, folder, jobs, ...options }: DevnetOptions & {
    dataOf: DataOf;
    folder: TemporaryFolder;
    jobs: JobsNetwork | undefined;
  },
): Engine {
  const answers = folder.join("queries");
  Deno.mkdirSync(answers);
  const port = portOf(options, 1);
  return orTaken(port, () =>
    startEngine({
      // Each query is admitted with a database of its own.
      database: "",
      folder: answers,
      port,
      bridge: jobs?.address,
      hosts: jobs !== undefined && jobs.address === undefined ? [DESKTOP_HOST] : [],
      asText: options.asText,
      expirySeconds: RESULTS_SECONDS,
      admit: admitByChain(network, {
        wallet,
        account: privateKeyToAccount(devnet.keys.queryEngine),
        databaseOf: (refiner) => dataOf(refiner)?.database,
      }),
      onQueryEnd: ({ signer }, { error, rows, seconds }) =>
        options.onEvent(
          `query of ${signer} ${error === null ? `gave ${rows} rows` : `failed: ${error}`} (${
            seconds.toFixed(1)
          } s)`,
        ),
    }));
}

function startCompute(
  { network, wallet, devnet }: LocalChain,
  { folder, images, run, ...options }: DevnetOptions & {
    folder: TemporaryFolder;
    images: Images;
    run: RunJob;
  },
): ComputeEngine {
  const runs = folder.join("runs");
  Deno.mkdirSync(runs);
  const tee = privateKeyToAccount(devnet.keys.tee);
  const { teeUrl } = devnet;
  const port = teeUrl === undefined ? portOf(options, 2) : portIn(teeUrl);
  return orTaken(port, () =>
    startComputeEngine({
      publicUrl: teeUrl,
      tee: tee.address,
      ledger: chainLedger(network, { wallet, tee }),
      checkImage: (instruction) => images.check(instruction),
      run,
      folder: runs,
      port,
      faults: options.faults,
      onRequest: ({ method, path, status }) => {
        // What asks again and again is no news.
        if (method === "GET" && /^\/job\/\d+$/.test(path) && status === 200) return;
        options.onEvent(`Compute Engine: ${method} ${path} ${status}`);
      },
    }));
}

function orTaken<T>(port: number, start: () => T): T {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ToolError(`Port ${port} is taken; choose others with --port, or --port 0`);
  }
}

/** Registers what runs here with the chain. */
async function register(
  { network, wallet, devnet }: DevnetChain,
  { refiners, urlOf, computeEngineUrl }: {
    refiners: readonly RefinerData[];
    urlOf: (refiner: bigint) => string;
    computeEngineUrl: string;
  },
): Promise<void> {
  const account = privateKeyToAccount(devnet.keys.owner);
  for (const { id, name } of refiners) {
    const refiner = { id, dlp: DEVNET_DLP, name, url: urlOf(id) };
    await joinRefiner(network, { wallet, account }, refiner);
  }
  const operator = { wallet, account: privateKeyToAccount(devnet.keys.operator) };
  const tee = privateKeyToAccount(devnet.keys.tee).address;
  await joinTee(network, operator, { tee, url: computeEngineUrl });
}
