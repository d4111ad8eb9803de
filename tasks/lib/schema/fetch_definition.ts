/**
 * Fetches the definition of a refiner's schema from where the chain says it is, which a stranger wrote.
 *
 * @module
 */

import { isLoopback } from "../../../src/loopback.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";
import { type Answer, get, readBody } from "../http/http.ts";
import { AddressGuard, type Reach } from "../http/reach.ts";
import { type Content, findContent, isContent } from "./content_id.ts";
import { type Definition, parseDefinition } from "./definition.ts";
import { UnusableError } from "./unusable.ts";

/** Public gateways, in the order in which Vana's SDK asks them. */
const GATEWAYS = [
  "https://ipfs.io",
  "https://dweb.link",
  "https://gateway.pinata.cloud",
  "https://ipfs.filebase.io",
];
const ARWEAVE = "https://arweave.net";
const MOST_BYTES = 1024 * 1024;
/** A gateway that hasn't given the file by then is given up for the next. */
const PATIENCE_MS = 20_000;
/** Statuses by which a server says for good that there is no such file. */
const GONE = [404, 410];

/** A definition, and how it came. */
export interface FetchedDefinition {
  /** The definition. */
  definition: Definition;
  /** The URL that served it, without its query. */
  from: string;
  /** Whether its bytes are those that the URL's content identifier names; else the server is trusted. */
  verified: boolean;
}

/** Options of {@linkcode fetchDefinition}. */
export interface FetchDefinitionOptions {
  /**
   * IPFS gateways to ask before all others.
   *
   * @default none
   */
  gateways?: readonly URL[];
  /** Where the URL may lead; the gateways, which the person names, may lead anywhere. */
  reach: Reach;
}

/**
 * Fetches a definition: from its URL, or from gateways in turn if the URL holds an IPFS content identifier.
 *
 * @param url As it is on-chain.
 * @throws {UnusableError} There is no definition there, or one that can't be used.
 * @throws {ToolError} No server could be asked.
 */
export async function fetchDefinition(
  url: string,
  { gateways = [], reach }: FetchDefinitionOptions,
): Promise<FetchedDefinition> {
  const content = findContent(url.trim());
  const places = placesOf(url.trim(), content, { gateways, reach });
  if (places.length === 0) {
    throw new UnusableError(
      `The refiner's schema has no URL that can be used, but ${printable(url) || "nothing"}; ` +
        "expected https://, ipfs:// or ar://",
    );
  }
  const failures: Error[] = [];
  for (const place of places) {
    try {
      return await inTime(fetchFrom(place, content), place.url);
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      // Nothing else can be behind the same identifier.
      if (error instanceof VerifiedUnusableError) throw error;
      failures.push(error);
    }
  }
  const unusable = failures.find((error) => error instanceof UnusableError);
  const message = failures.map((error) => error.message).join("\n");
  throw unusable === undefined ? new ToolError(message) : new UnusableError(message);
}

/** The definition's bytes are the right ones, and unusable. */
class VerifiedUnusableError extends UnusableError {}

/** Where a definition may be. */
interface Place {
  url: URL;
  reach: Reach;
}

function placesOf(
  url: string,
  content: Content | undefined,
  { gateways, reach }: Required<FetchDefinitionOptions>,
): Place[] {
  const [, arweave] = /^ar:\/\/([\w-]+(?:\/[^?#]*)?)$/.exec(url) ?? [];
  if (arweave !== undefined) return [{ url: new URL(`${ARWEAVE}/${arweave}`), reach }];
  const itself = isTrusted(url, reach) ? [{ url: new URL(url), reach }] : [];
  if (content === undefined) return itself;
  const { cid, path } = content;
  const behind = (gateway: URL | string) =>
    new URL(`${String(gateway).replace(/\/(?:ipfs\/?)?$/, "")}/ipfs/${cid}${path}`);
  const places: Place[] = [
    ...gateways.map((gateway) => ({ url: behind(gateway), reach: "typed" as const })),
    ...itself,
    ...GATEWAYS.map((gateway) => ({ url: behind(gateway), reach })),
  ];
  return places.filter(({ url }, at) =>
    places.findIndex((one) => one.url.href === url.href) === at
  );
}

/** What is sent without TLS could be forged on the way. */
function isTrusted(text: string, reach: Reach): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === "https:" ||
    (url.protocol === "http:" && reach === "loopback" && isLoopback(url));
}

async function fetchFrom(
  { url, reach }: Place,
  content: Content | undefined,
): Promise<FetchedDefinition> {
  const answer = await get(url, {
    allowHttp: reach !== "public",
    guard: new AddressGuard(reach),
  });
  const { response, shown } = answer;
  if (!response.ok) {
    await response.body?.cancel();
    const error = GONE.includes(response.status) && content === undefined
      ? UnusableError
      : ToolError;
    throw new error(`${shown} answers ${response.status}; expected the schema's definition`);
  }
  const bytes = await readAll(answer);
  const verified = content && isContent(content, bytes);
  if (verified === false) {
    throw new ToolError(`${shown} serves other bytes than the content identifier names`);
  }
  try {
    return { definition: parseDefinition(bytes), from: shown, verified: verified === true };
  } catch (error) {
    if (!(error instanceof UnusableError)) throw error;
    throw new (verified ? VerifiedUnusableError : UnusableError)(`${shown}: ${error.message}`);
  }
}

async function readAll(answer: Answer): Promise<Uint8Array> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const part of readBody(answer, Infinity)) {
    bytes += part.length;
    if (bytes > MOST_BYTES) {
      throw new UnusableError(
        `${answer.shown} serves more than ${MOST_BYTES} bytes, the limit for a schema's definition`,
      );
    }
    parts.push(new Uint8Array(part));
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

async function inTime<T>(work: Promise<T>, { origin }: URL): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new ToolError(`${origin} doesn't answer within ${PATIENCE_MS / 1000} s`)),
      PATIENCE_MS,
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // It may still fail after it was given up.
    work.catch(() => {});
  }
}
