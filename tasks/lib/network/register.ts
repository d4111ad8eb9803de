/**
 * Registers an archive as an instruction.
 *
 * @module
 */

import { getAddress } from "viem";
import { note, print } from "../cli.ts";
import { ToolError } from "../errors.ts";
import { ask, canAsk } from "../confirm.ts";
import { isLoopback } from "../../../src/loopback.ts";
import { auditArchive } from "../audit/audit.ts";
import { fetchArchive, isUrl } from "../audit/fetch_archive.ts";
import { formatChecks } from "../audit/format_checks.ts";
import { changeOf } from "./changes.ts";
import { chainFlags, type ChainOptions, connect, type Connection } from "../chain/connection.ts";
import type { SigningOptions } from "../chain/options.ts";
import { findInstruction, type Instruction } from "./instructions.ts";
import { submit } from "../chain/change.ts";

/** What is registered, and how. */
export interface RegisterOptions extends ChainOptions, SigningOptions {
  /** Where anyone gets the archive; it goes on-chain as it is. */
  url: string;
  /** The archive on this machine, which the URL must serve. */
  archive: string;
  /**
   * The base it must have.
   *
   * @default the Dockerfile's
   */
  base?: string;
  /** Register what is registered already. */
  again?: boolean;
  /** Admit an `http:` URL of this machine itself. */
  allowHttp?: boolean;
  /** Admit a binary on the runtime of `deno task denort`. */
  allowTestRuntime?: boolean;
}

/**
 * Registers an archive, after the audit of what its URL serves, and prints the id and a message for the
 * DLP's owner.
 *
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function register(options: RegisterOptions): Promise<void> {
  const { url, archive } = options;
  checkUrl(url, options);
  if (isUrl(archive)) {
    throw new ToolError("--archive is a URL; expected the archive's file on this machine");
  }
  const { sha256 } = await fetchArchive(archive, { path: archive, allowHttp: false });
  const connection = await connect(options);
  const receipt = await submit(connection, {
    call: { functionName: "addComputeInstruction", args: [`0x${sha256}`, url] },
    question: `Register ${url} with SHA-256 ${sha256} on ${connection.chain.name}?`,
    check: async () => {
      await expectNew(connection, { sha256, url }, options);
      await expectServed(sha256, options);
    },
  }, options);
  if (receipt === undefined) return;
  const change = changeOf(connection, receipt);
  if (change === undefined) {
    throw new ToolError(
      `The transaction ${receipt.transactionHash} was mined, but the registry says nothing of it; ` +
        "is --registry the ComputeInstructionRegistry?",
    );
  }
  const instruction = { id: change.id, owner: getAddress(receipt.from), url, sha256 };
  note(`Registered (transaction ${receipt.transactionHash}, block ${receipt.blockNumber})`);
  print(`Instruction ${change.id}`);
  print();
  print(messageForOwner(connection, instruction, options));
}

/** Anyone can read the URL for ever, and must get the archive by it. */
function checkUrl(text: string, { allowHttp = false }: RegisterOptions): void {
  if (!URL.canParse(text) || /\s/.test(text)) {
    throw new ToolError("--url is no URL; expected one such as https://example.com/job.tar.gz");
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw new ToolError("--url holds a password; what is registered is public for ever");
  }
  if (url.protocol === "https:") return;
  if (allowHttp && url.protocol === "http:" && isLoopback(url)) return;
  throw new ToolError(
    `--url ${url.origin}${url.pathname} is not https; expected a URL by which anyone gets the archive`,
  );
}

/** Asks before the same is registered a second time. */
async function expectNew(
  connection: Connection,
  wanted: { sha256: string; url: string },
  { again, dryRun, unsigned, yes }: RegisterOptions,
): Promise<void> {
  const earlier = await findInstruction(connection, wanted);
  if (earlier === undefined) return;
  const found = `The same archive at the same URL is instruction ${earlier.id} already, ` +
    `of ${earlier.owner}`;
  if (again || dryRun) return note(found);
  if (!yes && !unsigned && canAsk() && await ask(`${found}. Register it again?`, "yes")) return;
  throw new ToolError(`${found}. It was not registered again; --again does so without a question`);
}

/** The URL serves the local archive, and the archive is as it should be. */
async function expectServed(sha256: string, options: RegisterOptions): Promise<void> {
  const { url, archive, base, allowHttp, allowTestRuntime = false } = options;
  const audit = await auditArchive(url, { sha256, base, allowHttp });
  const colour = Deno.stderr.isTerminal() && !Deno.noColor;
  const { lines, summary } = formatChecks(audit.checks, { colour });
  note(`${lines.join("\n")}\n\n${summary}`);
  if (audit.sha256 !== sha256) {
    throw new ToolError(
      `Nothing was registered: the URL serves other bytes (SHA-256 ${audit.sha256}) than ` +
        `${archive} (SHA-256 ${sha256})`,
    );
  }
  if (!audit.ok) {
    throw new ToolError("Nothing was registered: the archive fails the audit above");
  }
  if (audit.onTestRuntime === true && !allowTestRuntime) {
    throw new ToolError(
      "Nothing was registered: the binary is on the runtime of `deno task denort`, which is for " +
        "tests. Export the archive on Deno's own runtime, or give --allow-test-runtime",
    );
  }
}

function messageForOwner(
  connection: Connection,
  { id, owner, url, sha256 }: Instruction,
  { base, allowHttp }: RegisterOptions,
): string {
  const { chain, registry } = connection;
  const flags = [
    chainFlags(connection),
    ...base === undefined ? [] : [`--base ${base}`],
    ...allowHttp ? ["--allow-http"] : [],
  ].join(" ");
  return `Message to the DLP's owner:

  Please review compute instruction ${id} on ${chain.name} (chain ${chain.id}).

    registry   ${registry}
    owner      ${owner}
    URL        ${url}
    SHA-256    ${sha256}

  Audit it, in a checkout of its source (--rebuild makes the archive again from that source):

    deno task verify --instruction ${id} --rebuild ${flags}

  Approve it for your DLP, with the key of the DLP's owner in PRIVATE_KEY or a --key-file:

    deno task approve ${id} --dlp YOUR_DLP_ID ${flags}`;
}
