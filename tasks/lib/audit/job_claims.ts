/**
 * What the labels of an archive say of its job. Nothing here is proved.
 *
 * @module
 */

import * as v from "valibot";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { ARCHIVE_LIMITS } from "../image/archive.ts";
import { ImageConfigSchema } from "../image/config.ts";
import { openUnzipped } from "../image/gzip/gzip.ts";
import { JOB_LABEL, NETWORK_LABEL } from "../image/job_labels.ts";
import { parseJson } from "../image/json.ts";
import { REVISION_LABEL, SOURCE_LABEL, VERSION_LABEL } from "../image/release_labels.ts";
import { readTar } from "../image/tar.ts";

/** What an archive's labels say. Each is safe to print, and absent if there is no such label. */
export interface JobClaims {
  /** The job's name. */
  name?: string;
  /** The hosts that its isolate may connect to: `none`, `all`, or a list. */
  network?: string;
  /** The repository of its source. */
  source?: string;
  /** The commit of its source. */
  revision?: string;
  /** The release of this project that it was made with. */
  version?: string;
}

const LABELS: Readonly<Record<keyof JobClaims, string>> = {
  name: JOB_LABEL,
  network: NETWORK_LABEL,
  source: SOURCE_LABEL,
  revision: REVISION_LABEL,
  version: VERSION_LABEL,
};

const LONGEST_CLAIM = 1000;

const DockerManifestSchema = v.looseTuple([v.looseObject({ Config: v.string() })]);

/**
 * Reads an archive as far as its labels.
 *
 * @throws {ToolError} It isn't an archive of an image.
 */
export async function readClaims(path: string): Promise<JobClaims> {
  const what = "The archive";
  const documents = new Map<string, string>();
  const { bytes, entries, jsonBytes } = ARCHIVE_LIMITS;
  const opened = await openUnzipped(path, { what, limit: bytes });
  for await (const { header, body } of readTar(opened, { what, limits: { bytes, entries } })) {
    if (header.type !== "file" || header.size > jsonBytes) {
      await body.cancel();
      continue;
    }
    documents.set(header.name, await new Response(body).text());
    const config = configIn(documents);
    if (config !== undefined) return claimsOf(config, what);
  }
  throw new ToolError(`${what} holds no image with a manifest.json and a config`);
}

/** The config, as soon as it and what names it were read. */
function configIn(documents: ReadonlyMap<string, string>): string | undefined {
  const manifest = documents.get("manifest.json");
  if (manifest === undefined) return undefined;
  const schema = DockerManifestSchema;
  const [{ Config }] = parseJson(manifest, { schema, what: "The archive's manifest.json" });
  return documents.get(Config);
}

function claimsOf(text: string, what: string): JobClaims {
  const { config } = parseJson(text, { schema: ImageConfigSchema, what: `${what}'s config` });
  const claims: JobClaims = {};
  for (const [claim, label] of Object.entries(LABELS) as [keyof JobClaims, string][]) {
    const value = config?.Labels?.[label];
    if (value !== undefined) claims[claim] = printable(value.slice(0, LONGEST_CLAIM));
  }
  return claims;
}
