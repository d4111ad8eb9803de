/**
 * An image's name, as in `docker pull`.
 *
 * @see https://github.com/distribution/reference
 * @module
 */

import { isLoopback } from "../../../src/loopback.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** A name that a registry knows an image by. */
export interface ImageReference {
  /** Where the registry's API is. */
  registry: URL;
  /** The repository in it. */
  repository: string;
  /** A moving name. */
  tag?: string;
  /** The content: `sha256:HEX`. */
  digest?: string;
}

/** Docker Hub's registry. */
export const DOCKER_HUB = "registry-1.docker.io";

const COMPONENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const HOST = "(?:[a-zA-Z0-9][a-zA-Z0-9.-]*|\\[[0-9a-f:]+\\])(?::\\d{1,5})?";
const REFERENCE = new RegExp(
  `^(?<path>(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*)` +
    "(?::(?<tag>\\w[\\w.-]{0,127}))?(?:@(?<digest>.+))?$",
);
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads an image's name. Without a host it is on Docker Hub, as for Docker itself; a registry on this
 * machine is asked over http.
 *
 * @throws {ToolError} It isn't the name of an image.
 */
export function parseReference(text: string): ImageReference {
  const { path, tag, digest } = REFERENCE.exec(text)?.groups ?? {};
  if (path === undefined || (digest !== undefined && !DIGEST.test(digest))) {
    throw new ToolError(
      `"${printable(text)}" is neither a file nor an image's name; expected, for example, ` +
        "registry.example.org/name@sha256:HEX, with 64 lower-case hexadecimal digits",
    );
  }
  const [first = "", ...rest] = path.split("/");
  const hasHost = rest.length > 0 && /[.:]|^localhost$/.test(first);
  const host = !hasHost || first === "docker.io" ? DOCKER_HUB : first;
  const name = hasHost ? rest.join("/") : path;
  const repository = host === DOCKER_HUB && !name.includes("/") ? `library/${name}` : name;
  const secure = new URL(`https://${host}`);
  const registry = isLoopback(secure) ? new URL(`http://${host}`) : secure;
  return { registry, repository, tag, digest };
}
