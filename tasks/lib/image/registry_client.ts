/**
 * Pulls an image from a registry, and checks every byte against its digest.
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
import { type Answer, get, readBody } from "../http/http.ts";
import { CACHE } from "../project.ts";
import { AddressGuard } from "../http/reach.ts";
import { TemporaryFolder } from "../temporary_folder.ts";
import { getUndecoded } from "../http/undecoded.ts";
import { ARCHIVE_LIMITS } from "./archive.ts";
import { parseChallenges } from "./challenge.ts";
import { type ImageConfig, ImageConfigSchema } from "./config.ts";
import { parseJson } from "./json.ts";
import {
  DEEPEST_INDEX,
  IndexOrManifestSchema,
  IndexSchema,
  ManifestSchema,
  MediaType,
  pickPlatform,
} from "./oci.ts";
import type { ImageReference } from "./reference.ts";
import { registryError } from "./registry_error.ts";

const ACCEPT = [
  MediaType.index,
  MediaType.manifest,
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Where blobs are kept, by their digests. */
export const BLOBS: string = join(CACHE, "blobs");

/** An image in a registry: what there is to know before its layers are pulled. */
export interface RemoteImage {
  /** Its config. */
  config: ImageConfig;
  /** Its layers as the registry keeps them, from the lowest. */
  layers: { digest: string; size: number; mediaType?: string | null }[];
}

const TokenSchema = v.looseObject({
  token: v.nullish(v.string()),
  access_token: v.nullish(v.string()),
});

/** A conversation with a registry about one repository. */
export class RegistryClient {
  readonly #reference: ImageReference;
  /** A person chose the registry; it may send on to others of its own network. */
  readonly #guard = new AddressGuard("typed");
  readonly #folder: string;
  #token?: string;

  /**
   * Prepares it; nothing is sent yet.
   *
   * @param folder Where blobs go if there can't be a cache in the checkout.
   */
  constructor(reference: ImageReference, folder: string) {
    this.#reference = reference;
    this.#folder = folder;
  }

  /**
   * The digest that the reference's tag stands for now.
   *
   * @returns `undefined` if the registry doesn't say.
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
   * @throws {ToolError} It isn't available, or doesn't match its digest.
   */
  async describe(digest: string): Promise<RemoteImage> {
    for (let depth = 0; depth < DEEPEST_INDEX; depth++) {
      const text = await this.#document("manifests", digest);
      const what = `The manifest ${digest}`;
      const { manifests } = parseJson(text, { schema: IndexOrManifestSchema, what });
      if (manifests === undefined) {
        const { config, layers } = parseJson(text, { schema: ManifestSchema, what });
        return { config: await this.#config(config.digest), layers };
      }
      const where = `The index ${digest}`;
      const index = parseJson(text, { schema: IndexSchema, what: where });
      digest = pickPlatform(index.manifests, where).digest;
    }
    throw new ToolError(`The image leads through ${DEEPEST_INDEX} indexes, and no manifest`);
  }

  /**
   * Pulls a blob into the cache, if it isn't there, and returns its path.
   *
   * @throws {ToolError} It isn't available, or doesn't match its digest.
   */
  async pull(
    digest: string,
    { limit, onBytes }: { limit: number; onBytes?: (bytes: number) => void },
  ): Promise<string> {
    return await this.#cached("blobs", digest, limit, onBytes);
  }

  async #config(digest: string): Promise<ImageConfig> {
    const text = await this.#document("blobs", digest);
    return parseJson(text, { schema: ImageConfigSchema, what: `The config ${digest}` });
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
    const kept = join(BLOBS, expected);
    if (isFile(kept) && hashFile(kept) === expected) return kept;
    const store = this.#store();
    using folder = new TemporaryFolder({ prefix: ".pull-", dir: store });
    const answer = await this.#get(`${kind}/${digest}`);
    if (!answer.response.ok) throw await registryError(answer);
    let part = folder.join("blob");
    let { sha256 } = await saveStream(readBody(answer, limit), part, onBytes);
    const undecoded = sha256 === expected ? undefined : await getUndecoded(answer);
    if (undecoded !== undefined) {
      part = folder.join("undecoded");
      ({ sha256 } = await saveStream(readBody(undecoded, limit), part));
    }
    if (sha256 !== expected) {
      throw new ToolError(
        `${answer.shown} doesn't match its digest; nothing was kept.\n  expected SHA-256 ` +
          `${expected}\n  got      SHA-256 ${sha256}`,
      );
    }
    const path = join(store, expected);
    Deno.renameSync(part, path);
    return path;
  }

  /** The cache, or a folder for this time where the checkout can't be written to. */
  #store(): string {
    try {
      Deno.mkdirSync(BLOBS, { recursive: true });
      // An existing folder may be read-only.
      using _probe = new TemporaryFolder({ prefix: ".pull-", dir: BLOBS });
      return BLOBS;
    } catch {
      return this.#folder;
    }
  }

  async #get(path: string): Promise<Answer> {
    const { registry, repository } = this.#reference;
    const url = new URL(`/v2/${repository}/${path}`, registry);
    const ask = () =>
      get(url, {
        allowHttp: true,
        guard: this.#guard,
        headers: {
          Accept: ACCEPT,
          ...(this.#token === undefined ? {} : { Authorization: `Bearer ${this.#token}` }),
        },
      });
    const answer = await ask();
    const challenge = answer.response.headers.get("www-authenticate");
    if (answer.response.status !== 401 || challenge === null) return answer;
    // The first request has no token, and a token may expire between two blobs.
    await answer.response.body?.cancel();
    this.#token = await this.#askToken(challenge);
    return await ask();
  }

  /** Registries want a token even for public images; they give one without a login. */
  async #askToken(header: string): Promise<string> {
    const { registry, repository } = this.#reference;
    const bearer = parseChallenges(header).find(({ scheme, params }) =>
      scheme === "bearer" && URL.canParse(params.get("realm") ?? "")
    );
    if (bearer === undefined) {
      throw new ToolError(
        `${registry.host} requires a login, which isn't supported. Use a public base, or save the ` +
          "base to a file (docker save) and use that",
      );
    }
    const { params } = bearer;
    const url = new URL(params.get("realm")!);
    const service = params.get("service");
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", params.get("scope") ?? `repository:${repository}:pull`);
    const answer = await get(url, { allowHttp: isLoopback(registry), guard: this.#guard });
    if (!answer.response.ok) throw await registryError(answer);
    const text = await new Response(readBody(answer, ARCHIVE_LIMITS.jsonBytes)).text();
    const { token, access_token: accessToken } = parseJson(text, {
      schema: TokenSchema,
      what: `The answer of ${answer.shown}`,
    });
    return token ?? accessToken ?? "";
  }
}
