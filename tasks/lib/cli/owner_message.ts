/**
 * The message that an application's builder sends to a DLP's owner.
 *
 * @module
 */

import type { Instruction } from "../network/instructions.ts";
import type { Network } from "../network/network.ts";

/** Writes the message by which a DLP's owner can audit and approve an instruction. */
export function messageForOwner(
  { chain, contracts }: Network,
  { id, owner, url, sha256 }: Instruction,
  { flags, base, allowHttp = false }: { flags: string; base?: string; allowHttp?: boolean },
): string {
  const options = [
    flags,
    ...base === undefined ? [] : [`--base ${base}`],
    ...allowHttp ? ["--allow-http"] : [],
  ].join(" ");
  return `Message to the DLP's owner:

  Please review compute instruction ${id} on ${chain.name} (chain ${chain.id}).

    registry   ${contracts.ComputeInstructionRegistry}
    owner      ${owner}
    URL        ${url}
    SHA-256    ${sha256}

  Prove it, in a checkout of this project that you trust:

    deno task verify --instruction ${id} --program job ${options}

  Approve it for your DLP, with the key of the DLP's owner in PRIVATE_KEY or a --key-file:

    deno task approve ${id} --dlp YOUR_DLP_ID --without-source ${options}`;
}
