/**
 * The message that an application's builder sends to a DLP's owner.
 *
 * @module
 */

import { isAbsolute } from "node:path";
import type { JobClaims } from "../audit/job_claims.ts";
import type { Instruction } from "../network/instructions.ts";
import type { Network } from "../network/network.ts";
import { describeSource } from "./show_claims.ts";

/** What the owner has to know besides the instruction. */
export interface MessageOptions {
  /** What the archive's labels say. */
  job: JobClaims;
  /** The base that it was made on, if not the Dockerfile's: a name, or an absolute path. */
  base?: string;
  /** Whether the URL is an `http:` one of this machine. */
  allowHttp?: boolean;
  /** Whether the network's contracts have addresses of their own. */
  ownContracts: boolean;
}

/** What a command line may name without quotes: neither a label nor a URL is more than that. */
const REPOSITORY = /^https:\/\/(?!example\.(?:org|com)\/)[\w.-]+(?::\d+)?\/[\w./~+-]+$/;
const REVISION = /^[0-9a-f]{7,64}$/;
const VERSION = /^\d[\w.+-]*$/;

/**
 * Writes the message by which a DLP's owner can audit and approve an instruction. It holds nothing of the
 * builder's machine.
 */
export function messageForOwner(
  network: Network,
  { id, owner, url, sha256 }: Instruction,
  options: MessageOptions,
): string {
  const { chain, contracts } = network;
  const { job } = options;
  const flags = flagsFor(network, options);
  return `Message to the DLP's owner:

  Please review compute instruction ${id} on ${chain.name} (chain ${chain.id}).

    registry   ${contracts.ComputeInstructionRegistry}
    owner      ${owner}
    URL        ${url}
    SHA-256    ${sha256}
    job        ${job.name ?? "unknown"}, network ${job.network ?? "unknown"}
    source     ${describeSource(job)}

  Get the job's source, and run nothing in it:

${cloneCommands(job)}
${preparations(network, options)}
  Prove the archive, in ${releaseOf(job)} that you trust:

    deno task verify --instruction ${id} --source job-source ${flags}

  Approve it for your DLP, with the key of the DLP's owner in PRIVATE_KEY or a --key-file:

    deno task approve ${id} --dlp YOUR_DLP_ID --source job-source ${flags}

  Both need --entry FILE too if the job isn't the source's main.ts.`;
}

function releaseOf({ version }: JobClaims): string {
  return version !== undefined && VERSION.test(version)
    ? `a checkout of this project's release ${version}`
    : "a checkout of this project";
}

function cloneCommands({ source, revision }: JobClaims): string {
  if (source === undefined || !REPOSITORY.test(source)) {
    return "    REPOSITORY (the labels name no usable one: set org.opencontainers.image.source)";
  }
  const clone = `    git clone ${source} job-source`;
  return revision !== undefined && REVISION.test(revision)
    ? `${clone}\n    git -C job-source checkout ${revision}`
    : `${clone}   # at COMMIT (the labels name none: use export --revision)`;
}

/** Files of the builder's that the owner needs too. */
function preparations({ contracts }: Network, { base, ownContracts }: MessageOptions): string {
  return [
    ...base !== undefined && isAbsolute(base)
      ? ["\n  BASE is the base that the archive was made on; use one that you trust yourself.\n"]
      : [],
    ...ownContracts
      ? [
        `\n  The network's contracts, to be saved as contracts.json:\n\n    ${
          JSON.stringify(contracts)
        }\n`,
      ]
      : [],
  ].join("");
}

function flagsFor(
  { network }: Network,
  { base, allowHttp = false, ownContracts }: MessageOptions,
): string {
  return [
    `--network ${network}`,
    ...ownContracts ? ["--contracts contracts.json"] : [],
    ...base === undefined ? [] : [`--base ${isAbsolute(base) ? "BASE" : base}`],
    ...allowHttp ? ["--allow-http"] : [],
  ].join(" ");
}
