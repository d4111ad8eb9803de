/**
 * The page's files: bundled once for a state of its source, and kept compressed.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isFile, removeIfThere, temporaryName } from "../../../../src/files.ts";
import { runDeno } from "../../process/deno.ts";
import { ToolError } from "../../errors.ts";
import { hashFile } from "../../hash.ts";
import { CACHE, ROOT } from "../../project.ts";
import { explainDeno } from "../../source/deno_message.ts";
import { pagePolicy, withSecurityHeaders } from "./guard.ts";

const PAGE = fileURLToPath(new URL("../page", import.meta.url));
const LOCK = join(PAGE, "deno.lock");

/** What the page imports from outside of its folder. */
const BESIDE = ["tasks/lib/workbench/wire.ts", "src/printable.ts", "src/format_bytes.ts"];

/** Where bundles are kept. */
const BUNDLES = join(CACHE, "workbench");

/** A file, plain and compressed. */
interface PageFile {
  type: string;
  plain: Uint8Array<ArrayBuffer>;
  gzip: Uint8Array<ArrayBuffer>;
}

/** The files by their paths. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/**
 * Bundles the page, if its source has changed since it last was.
 *
 * @param onBundle Called before that, as it takes seconds where libraries are downloaded.
 * @throws {ToolError} It can't be bundled; most likely its libraries can't be downloaded.
 */
export async function loadPageFiles(onBundle: () => void): Promise<PageFiles> {
  const names = [...Deno.readDirSync(PAGE)].map(({ name }) => name).sort();
  const sources = [...names.map((name) => join(PAGE, name)), ...BESIDE.map((p) => join(ROOT, p))];
  const hash = createHash("sha256").update(Deno.version.deno);
  for (const path of sources) hash.update(path).update(hashFile(path));
  const script = join(BUNDLES, `${hash.digest("hex").slice(0, 16)}.js`);
  if (!isFile(script)) {
    onBundle();
    await bundle(script);
  }
  const styles = names.filter((name) => name.endsWith(".css"))
    .map((name) => Deno.readTextFileSync(join(PAGE, name))).join("\n");
  return new Map([
    ["/page.js", await compressed("text/javascript; charset=utf-8", Deno.readFileSync(script))],
    ["/page.css", await compressed("text/css; charset=utf-8", new TextEncoder().encode(styles))],
  ]);
}

async function bundle(output: string): Promise<void> {
  Deno.mkdirSync(BUNDLES, { recursive: true });
  const made = join(BUNDLES, temporaryName("making-"));
  const { success, stderr } = await runDeno(
    ["bundle", "-q", "--platform=browser", "--minify", `--config=${join(PAGE, "own_lock.json")}`]
      .concat([`--lock=${LOCK}`, "--frozen", "-o", made, join(PAGE, "main.tsx")]),
    { cwd: ROOT },
  );
  if (!success) throw new ToolError(`The page can't be bundled:\n\n${explainDeno(stderr)}`);
  for (const { name } of Deno.readDirSync(BUNDLES)) {
    if (name.endsWith(".js")) removeIfThere(join(BUNDLES, name));
  }
  Deno.renameSync(made, output);
}

async function compressed(type: string, plain: Uint8Array<ArrayBuffer>): Promise<PageFile> {
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  return { type, plain, gzip: await new Response(stream).bytes() };
}

/** Answers with a file of the page; `undefined` if there is none at the path. */
export function servePageFile(files: PageFiles, request: Request): Response | undefined {
  const file = files.get(new URL(request.url).pathname);
  if (file === undefined) return undefined;
  const gzip = /\bgzip\b/.test(request.headers.get("accept-encoding") ?? "");
  return withSecurityHeaders(
    new Response(gzip ? file.gzip : file.plain, {
      headers: {
        "content-type": file.type,
        "cache-control": "no-cache",
        ...(gzip ? { "content-encoding": "gzip" } : {}),
      },
    }),
  );
}

/** Answers with the page itself. It is the same for every view, and holds no data. */
export function servePage(): Response {
  const nonce = crypto.randomUUID();
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="style-nonce" content="${nonce}">
<title>Workbench · Result Relay</title>
<link rel="icon" href="data:image/svg+xml,${ICON}">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body><div id="app"></div><noscript>The workbench needs JavaScript.</noscript></body>
</html>
`;
  const headers = { "content-type": "text/html; charset=utf-8" };
  return withSecurityHeaders(new Response(html, { headers }), pagePolicy(nonce));
}

const ICON = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" ' +
    'fill="#2f6f5e"/><path d="M4 5h8M4 8h8M4 11h5" stroke="#fff" stroke-width="1.6" ' +
    'stroke-linecap="round"/></svg>',
);
