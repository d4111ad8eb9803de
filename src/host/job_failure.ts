/**
 * Says why a job failed, in words for its author.
 *
 * @module
 */

import type { JobDescription } from "../job/description.ts";
import type { JobFailure } from "../job/messages.ts";

/** Advice on Deno's flags, which a job's author can't follow. */
const FLAG_ADVICE =
  /, (?:(?:run|rerun) again with the --allow-\w+ flag|specify the required permissions during compilation using `deno compile --allow-\w+`)/g;

/** How Node's modules report that the network isn't allowed. */
const REFUSED_NETWORK = /ECONNREFUSED|getaddrinfo|EACCES.*(?:connect|bind|listen)/;

/** Describes a failure on one line: the job, the message, the place, and what to do. */
export function describeFailure(
  { name, network }: JobDescription,
  { message, places }: JobFailure,
): string {
  // What the SDK throws was caused by the line that called it.
  const place = places.find((place) => !place.startsWith("src/")) ?? places[0];
  const where = place === undefined ? "" : ` (at ${place})`;
  const hint = hintFor(message, network !== "all");
  return `The job ${name} failed: ${message.replaceAll(FLAG_ADVICE, "")}${where}${hint}`;
}

function hintFor(message: string, limitedNetwork: boolean): string {
  const lacking = /Requires (\w+) access/.exec(message)?.[1];
  if (lacking === "net" || (limitedNetwork && REFUSED_NETWORK.test(message))) {
    return ". A job has no network; declare the hosts it needs, like " +
      '`network: ["api.example.com:443"]` in its definition';
  }
  if (lacking === "read" || lacking === "write") {
    return ". A job may read its results and write its artifacts, and no other file; " +
      "`artifacts.pathFor(name)` gives the path of a new artifact";
  }
  if (lacking === undefined) return "";
  return ". A job may read its results and write its artifacts, and nothing else: it can't start " +
    "programs, load libraries or ask for the system's properties";
}
