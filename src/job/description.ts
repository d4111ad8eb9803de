/**
 * What the host must know about a job before it starts it: checked data, never code.
 *
 * @module
 */

import { printable } from "../printable.ts";
import type { JobNetwork } from "./define_job.ts";

/** A job as the host knows it. It is baked into the binary and into the image's labels. */
export interface JobDescription {
  /** The job's name. */
  readonly name: string;
  /** The hosts it may connect to. */
  readonly network: JobNetwork;
  /** Whether it is the stock relay, which is the host's own code and needs no isolate. */
  readonly stock: boolean;
}

const LONGEST_NAME = 100;
const MOST_HOSTS = 20;
const LONGEST_HOST = 255;

/** A DNS name of at least two labels, the last one not a number, and a port. */
const HOST =
  /^(?=.{1,253}:)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?!\d+:)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?:(\d{1,5})$/;

/**
 * Reads a description, which may come from a hostile job.
 *
 * @throws {TypeError} It isn't one; the message says what was expected.
 */
export function parseDescription(value: unknown): JobDescription {
  const { name, network = [], stock = false } = (value ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || name === "" || name.length > LONGEST_NAME) {
    throw new TypeError(`expected a job's name of 1 to ${LONGEST_NAME} characters`);
  }
  if (printable(name) !== name) {
    throw new TypeError(
      `the job's name ${printable(name)} has characters that can't be printed; expected plain text`,
    );
  }
  return { name, network: parseNetwork(network), stock: stock === true };
}

function parseNetwork(network: unknown): JobNetwork {
  if (network === "all") return network;
  if (!Array.isArray(network) || network.length > MOST_HOSTS) {
    throw new TypeError(
      'expected `network` to be "all" or a list of at most ' +
        `${MOST_HOSTS} hosts, like ["api.example.com:443"]`,
    );
  }
  return [...new Set(network.map(parseHost))].sort();
}

function parseHost(host: unknown): string {
  const [, port] = typeof host === "string" && host.length <= LONGEST_HOST
    ? HOST.exec(host) ?? []
    : [];
  if (port !== undefined && Number(port) > 0 && Number(port) < 65536) return host as string;
  throw new TypeError(
    `\`network\` holds ${printable(JSON.stringify(host) ?? "nothing").slice(0, 100)}; expected a ` +
      'name in lower case and a port, like "api.example.com:443", without wildcards or addresses',
  );
}

/** Says in a few words which hosts a job may connect to: `none`, `all`, or the hosts. */
export function describeNetwork(network: JobNetwork): string {
  if (network === "all") return "all";
  return network.length === 0 ? "none" : network.join(", ");
}
