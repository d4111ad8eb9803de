/**
 * Makes what the page shows of an artifact.
 *
 * @module
 */

import { join } from "node:path";
import { messageOf } from "../../../../src/errors.ts";
import { temporaryName } from "../../../../src/files.ts";
import { readBytesAt } from "../../http/read_bytes.ts";
import type { SqlProcess } from "../sql/sql_process.ts";
import type { ArtifactInfo, ArtifactPreview, TableInfo } from "../wire.ts";
import type { Sources } from "./sources.ts";

/** Bytes of a text that are shown. */
const TEXT_BYTES = 256 * 1024;

/** What {@linkcode previewArtifact} works with. */
export interface PreviewOptions {
  /** A folder for databases. */
  folder: string;
  /** Makes databases. */
  importer: SqlProcess;
  /** Reads databases. */
  analyst: SqlProcess;
  /** Where databases get their names. */
  sources: Sources;
  /** Gives up. */
  signal: AbortSignal;
}

/** Makes a preview of an artifact: tables of what holds rows, the beginning of a text. */
export async function previewArtifact(
  { name, kind, stamp }: ArtifactInfo,
  path: string,
  options: PreviewOptions,
): Promise<ArtifactPreview> {
  switch (kind) {
    case "image":
    case "html":
    case "other":
      return { kind: "none", reason: "" };
    case "text":
      return readText(path);
    case "database":
    case "csv":
    case "json":
    case "json-lines":
      try {
        return await tablesOf({ name, kind, stamp }, path, options);
      } catch (error) {
        // JSON that isn't a list of rows is still text.
        return kind === "database" ? { kind: "none", reason: messageOf(error) } : readText(path);
      }
  }
}

async function tablesOf(
  { name, kind, stamp }: Pick<ArtifactInfo, "name" | "kind" | "stamp">,
  path: string,
  { folder, importer, analyst, sources, signal }: PreviewOptions,
): Promise<ArtifactPreview> {
  const source = `artifact:${name}`;
  if (sources.get(source)?.version !== stamp) {
    let readable = join(folder, temporaryName("artifact-"));
    if (kind === "database") {
      readable = await importer.call<string>("settle", { path, folder }, { signal });
    } else await importer.call("importTable", { path, kind, to: readable }, { signal });
    sources.set(source, { path: readable, version: stamp });
  }
  const tables = await analyst.call<TableInfo[]>("listTables", sources.get(source), { signal });
  if (tables.length === 0) return { kind: "none", reason: "This database has no tables" };
  return { kind: "tables", source, tables };
}

function readText(path: string): ArtifactPreview {
  using file = Deno.openSync(path);
  const bytes = readBytesAt(file, 0, TEXT_BYTES);
  const whole = bytes.length < TEXT_BYTES;
  return { kind: "text", text: new TextDecoder().decode(bytes, { stream: !whole }), whole };
}
