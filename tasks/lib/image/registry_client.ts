/**
 * Gets an image from a registry, and checks every byte against its digest.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * @module
 */

import { join } from "node:path";
import * as v from "valibot";
import { isFile } from "../../../src/files.ts";
import { ToolError } from "../errors.ts";
import { hashBytes, hashFile } from "../hash.ts";
import { saveStream } from "../hash_stream.ts";
import { isLoopback } from "../../../src/loopback.ts";
import { type Answer, get, readBody } from "../http.ts";
import { CACHE } from "../project.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { ARCHIVE_LIMITS, IndexSchema, ManifestSchema, parseJson, pickPlatform } from "./archive.ts";
import { type ImageConfig, ImageConfigSchema } from "./config.ts";
import { MediaType } from "./layout.ts";
import type { ImageReference } from "./reference.ts";

const ACCEPT = [
  MediaType.index,
  MediaType.manifest,
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Where blobs are kept, by their digests. */
const BLOBS = join(CACHE, "blobs");

/** An image in a registry: what there is to know before its layers are pulled. */
export interface RemoteImage {
  /** Its config. */
  config: ImageConfig;
  /** Its layers as the registry keeps them, from the lowest. */
  layers: { digest: string; size: number; mediaType?: string | null }[];
}

/** A conversation with a registry about one repository. */
export class RegistryClient {
  readonly #reference: ImageReference;
  #token?: string;

  /** Prepares it; nothing is sent yet. */
  constructor(reference: ImageReference) {
    this.#reference = reference;
  }

  /**
   * The digest that the reference's tag stands for at the moment.
   *
   * @returns `undefined` if that can't be told.
   */
  async resolveTag(): Promise<string | undefined> {
    try {
      const answer = await this.#get(`manifests/${this.#reference.tag ?? "latest"}`);
      const text = await new Response(readBody(answer, ARCHIVE_LIMITS.jsonBytes)).bytes();
      return answer.response.ok ? `sha256:${hashBytes(text)}` : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * The image of a digest, for linux/amd64: its manifest and config, from the cache if they are there.
   *
   * @throws {ToolError} It can't be had, or isn't what its digest says.
   */
  async describe(digest: string): Promise<RemoteImage> {
    let text = await this.#document("manifests", digest);
    const { manifests } = parseJson(text, {
      schema: v.looseObject({ manifests: v.optional(v.unknown()) }),
      what: `The manifest ${digest}`,
    });
    if (manifests !== undefined) {
      const index = parseJson(text, { schema: IndexSchema, what: `The index ${digest}` });
      digest = pickPlatform(index.manifests, `The index ${digest}`).digest;
      text = await this.#document("manifests", digest);
    }
    const what = `The manifest ${digest}`;
    const manifest = parseJson(text, { schema: ManifestSchema, what });
    const config = parseJson(await this.#document("blobs", manifest.config.digest), {
      schema: ImageConfigSchema,
      what: `The config ${manifest.config.digest}`,
    });
    return { config, layers: manifest.layers };
  }

  /**
   * Pulls a blob into the cache, if it isn't there, and returns its path.
   *
   * @throws {ToolError} It can't be had, or isn't what its digest says.
   */
  async pull(
    digest: string,
    { limit, onBytes }: { limit: number; onBytes?: (bytes: number) => void },
  ): Promise<string> {
    return await this.#cached("blobs", digest, limit, onBytes);
  }

  async #document(kind: "manifests" | "blobs", digest: string): Promise<string> {
    return Deno.readTextFileSync(await this.#cached(kind, digest, ARCHIVE_LIMITS.jsonBytes));
  }

  async #cached(
    kind: "manifests" | "blobs",
    digest: string,
    limit: number,
    onBytes?: (bytes: number) => void,
  ): Promise<string> {
    const expected = digest.replace("sha256:", "");
    const path = join(BLOBS, expected);
    if (isFile(path) && hashFile(path) === expected) return path;
    Deno.mkdirSync(BLOBS, { recursive: true });
    using folder = new TemporaryFolder({ prefix: ".pull-", dir: CACHE });
    const answer = await this.#get(`${kind}/${digest}`);
    if (!answer.response.ok) {
      await answer.response.body?.cancel();
      throw new ToolError(
        `${answer.shown} answers ${answer.response.status}${explain(answer.response.status)}`,
      );
    }
    const part = folder.join("blob");
    const { sha256 } = await saveStream(readBody(answer, limit), part, onBytes);
    if (sha256 !== expected) {
      throw new ToolError(
        `${answer.shown} isn't what its digest says; nothing was kept.\n  expected SHA-256 ` +
          `${expected}\n  got      SHA-256 ${sha256}`,
      );
    }
    Deno.renameSync(part, path);
    return path;
  }

  async #get(path: string): Promise<Answer> {
    const { registry, repository } = this.#reference;
    const url = new URL(`/v2/${repository}/${path}`, registry);
    const ask = () =>
      get(url, {
        allowHttp: true,
        headers: {
          Accept: ACCEPT,
          ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
        },
      });
    const answer = await ask();
    const challenge = answer.response.headers.get("www-authenticate");
    if (answer.response.status !== 401 || challenge === null || this.#token !== undefined) {
      return answer;
    }
    await answer.response.body?.cancel();
    this.#token = await this.#askToken(challenge);
    return await ask();
  }

  /** Anonymous registries still want a token, which anybody gets. */
  async #askToken(challenge: string): Promise<string> {
    const { registry, repository } = this.#reference;
    const fields = Object.fromEntries(
      [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]),
    );
    if (!/^bearer /i.test(challenge) || !URL.canParse(fields.realm ?? "")) {
      throw new ToolError(
        `${registry.host} wants a login, which isn't supported; take a public base, or save it to a ` +
          "file (docker save) and give that",
      );
    }
    const url = new URL(fields.realm!);
    if (fields.service !== undefined) url.searchParams.set("service", fields.service);
    url.searchParams.set("scope", fields.scope ?? `repository:${repository}:pull`);
    const answer = await get(url, { allowHttp: isLoopback(registry) });
    const text = await new Response(readBody(answer, ARCHIVE_LIMITS.jsonBytes)).text();
    if (!answer.response.ok) {
      throw new ToolError(`${answer.shown} gives no token: it answers ${answer.response.status}`);
    }
    const { token, access_token: accessToken } = parseJson(text, {
      schema: v.looseObject({
        token: v.nullish(v.string()),
        access_token: v.nullish(v.string()),
      }),
      what: `The answer of ${answer.shown}`,
    });
    return token ?? accessToken ?? "";
  }
}

function explain(status: number): string {
  if (status === 401 || status === 403) return ": it is not public, or there is no such image";
  if (status === 404) return ": there is no such image";
  return status >= 500 ? "; try again later" : "";
}
