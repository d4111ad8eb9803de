/**
 * The workbench: a server on this machine, and the loop that it shows.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { ToolError } from "../../errors.ts";
import { shortPath } from "../../person_path.ts";
import { TemporaryFolder } from "../../temporary_folder.ts";
import { SqlProcess } from "../sql/sql_process.ts";
import type { QuotedQuery } from "../wire.ts";
import { Api } from "./api.ts";
import { Artifacts } from "./artifacts.ts";
import { Data } from "./data.ts";
import { makeToken, refuseForeign, refuseStranger, withSecurityHeaders } from "./guard.ts";
import { startLoop } from "./loop.ts";
import { openBrowser } from "./open_browser.ts";
import { loadPageFiles, type PageFiles, servePage, servePageFile } from "./page_files.ts";
import { QueryRunner } from "./run_query.ts";
import { Sources } from "./sources.ts";
import { Store } from "./store.ts";

const READER = fileURLToPath(new URL("../sql/reader.ts", import.meta.url));
const WRITER = fileURLToPath(new URL("../sql/writer.ts", import.meta.url));

/** Options of {@linkcode openWorkbench}. */
export interface WorkbenchOptions {
  /** The job's module, absolute. */
  entry: string;
  /** The script of the data, absolute. */
  script: string;
  /** The input mount, absolute. */
  input: string;
  /** The output mount, absolute. */
  output: string;
  /** The port on 127.0.0.1; 0 picks one. */
  port: number;
  /**
   * Called before the page is bundled, if it has to be.
   *
   * @default nothing is called
   */
  onBundle?(): void;
  /**
   * What finds out what a query costs.
   *
   * @default nothing does
   */
  quotes?: Quotes;
}

/** Finds out what queries cost. */
export interface Quotes {
  /** For whom, and on which network, in words. */
  label: string;
  /** Asks about a query. */
  quote(query: string): Promise<QuotedQuery>;
}

/** A running workbench; disposing of it stops all that it started. */
export interface Workbench extends AsyncDisposable {
  /** The address to open: it carries the token, which a browser doesn't send to any server. */
  url: string;
  /** Opens it in the person's browser, where there is one. */
  open(): void;
}

/**
 * Starts a workbench.
 *
 * @throws {ToolError} The page can't be bundled, or the port is taken.
 */
export async function openWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const files = await loadPageFiles(() => options.onBundle?.());
  const { entry, script, input, output, port, quotes } = options;
  for (const mount of [input, output]) Deno.mkdirSync(mount, { recursive: true });
  const folder = new TemporaryFolder({ prefix: "workbench-", endOnSignal: false });
  const reading = {
    program: READER,
    permissions: [`--allow-read=${[input, output, folder.path]}`],
  };
  const reader = new SqlProcess({ ...reading, folder: folder.path });
  const analyst = new SqlProcess({ ...reading, folder: folder.path });
  // It attaches one database to another, which Deno allows with every right only.
  const writing = { program: WRITER, permissions: ["-A"], folder: folder.path };
  const writer = new SqlProcess(writing);
  const importer = new SqlProcess(writing);
  const sources = new Sources();
  const artifacts = new Artifacts(output);
  const store = new Store({
    job: { entry: shortPath(entry), rights: [] },
    data: { description: "", version: 0, refiner: [] },
    artifacts: artifacts.list(),
    script: shortPath(script),
    quotes: quotes?.label,
  });
  const data = new Data({ input, script, folder: folder.path, writer, reader, sources, store });
  const queries = new QueryRunner({ folder: folder.path, reader, sources });
  const closing = new AbortController();
  const token = makeToken();
  const loop = startLoop({ entry, script, output, data, artifacts, store });
  const close = async () => {
    await loop[Symbol.asyncDispose]();
    await Promise.all([reader, analyst, writer, importer].map((process) => process.close()));
    folder[Symbol.dispose]();
  };
  const api = new Api({
    script,
    folder: folder.path,
    store,
    loop,
    artifacts,
    sources,
    queries,
    quote: quotes?.quote,
    writer,
    reader,
    analyst,
    importer,
  });
  let server: Deno.HttpServer<Deno.NetAddr>;
  try {
    server = Deno.serve({
      hostname: "127.0.0.1",
      port,
      signal: closing.signal,
      onListen() {},
    }, (request) => handle(request, { files, token, api, port: server.addr.port }));
  } catch (error) {
    await close();
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new ToolError(`Port ${port} is taken; choose another, or 0 for a free one`);
  }
  const url = `http://127.0.0.1:${server.addr.port}/data#token=${token}`;
  return {
    url,
    open: () => openBrowser(url, folder.join("open.html")),
    async [Symbol.asyncDispose]() {
      closing.abort();
      await close();
    },
  };
}

/** What a request is handled with. */
interface Handling {
  files: PageFiles;
  token: string;
  api: Api;
  port: number;
}

async function handle(
  request: Request,
  { files, token, api, port }: Handling,
): Promise<Response> {
  const refused = refuseForeign(request, port);
  if (refused !== undefined) return withSecurityHeaders(refused);
  const { pathname } = new URL(request.url);
  if (pathname.startsWith("/api/")) {
    return withSecurityHeaders(refuseStranger(request, token) ?? await api.answer(request));
  }
  if (request.method !== "GET") {
    return withSecurityHeaders(new Response("Expected GET", { status: 405 }));
  }
  if (pathname.startsWith("/pass/")) return await api.answerPass(pathname.slice("/pass/".length));
  return servePageFile(files, request) ?? servePage();
}
