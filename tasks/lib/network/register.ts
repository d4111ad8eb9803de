/**
 * Registers an archive as an instruction.
 *
 * @module
 */

import { type Address, getAddress } from "viem";
import { isLoopback } from "../../../src/loopback.ts";
import { fetchArchive, isUrl } from "../audit/fetch_archive.ts";
import type { Proof } from "../audit/proof.ts";
import { proveArchive } from "../audit/prove.ts";
import { TEST_RUNTIME_SHA256 } from "../binary/denort.ts";
import { hashOwnRuntime } from "../binary/runtime.ts";
import { contractCall } from "../chain/call.ts";
import { makeChange, type Outcome, type Signing } from "../chain/change.ts";
import { ToolError } from "../errors.ts";
import type { Reach } from "../http/reach.ts";
import { changeOf } from "./changes.ts";
import type { InstructionConversation } from "./conversation.ts";
import { expectProved, orNotProved } from "./expect_proved.ts";
import { explainRefusal, instructionRegistry } from "./instruction_registry.ts";
import { findInstruction, type Instruction } from "./instructions.ts";
import { type Network, reachOf } from "./network.ts";

/** What is registered, and what is admitted. */
export interface Registration {
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
  /**
   * Register what is registered already.
   *
   * @default false
   */
  again?: boolean;
  /**
   * Admit an `http:` URL of this machine itself.
   *
   * @default false
   */
  allowHttp?: boolean;
  /**
   * Admit a binary on the runtime of `deno task denort`, where Deno's own isn't known to be the same.
   *
   * @default false
   */
  allowTestRuntime?: boolean;
  /**
   * Register an archive of which nothing can be told.
   *
   * @default false
   */
  unproved?: boolean;
}

/** How a registration ended. */
export interface Registered {
  /** How the change ended. */
  outcome: Outcome;
  /** The instruction, if it was registered now or earlier. */
  instruction?: Instruction;
}

/**
 * Registers an archive, after the proof of what its URL serves.
 *
 * @throws {NotProvedError} The archive isn't proved; nothing was sent.
 * @throws {ToolError} It can't be done; nothing was sent, or the message says what was.
 */
export async function register(
  network: Network,
  registration: Registration,
  signing: Signing,
  conversation: InstructionConversation,
): Promise<Registered> {
  const { url, archive, again = false } = registration;
  checkUrl(url, registration);
  if (isUrl(archive)) {
    throw new ToolError("The archive is given as a URL; expected its file on this machine");
  }
  const { sha256 } = await fetchArchive(archive, {
    path: archive,
    allowHttp: false,
    reach: "public",
  });
  let earlier: Instruction | undefined;
  const outcome = await makeChange(
    network,
    {
      call: contractCall({
        ...instructionRegistry(network),
        functionName: "addComputeInstruction",
        args: [`0x${sha256}`, url],
        explain: explainRefusal,
      }),
      question: {
        text: `Register ${url} with SHA-256 ${sha256} on ${network.chain.name}?`,
        answer: "yes",
      },
      async unneeded() {
        earlier = await findEarlier(network, { sha256, url }, conversation);
        if (earlier === undefined) return undefined;
        const found = `The same archive is instruction ${earlier.id} already, of ${earlier.owner}`;
        if (!again) return found;
        conversation.warn(found);
      },
      check: () => expectServed(sha256, { ...registration, reach: reachOf(network) }, conversation),
    },
    signing,
    conversation,
  );
  if (outcome.kind === "unneeded") return { outcome, instruction: earlier };
  if (outcome.kind !== "sent") return { outcome };
  const { receipt } = outcome;
  const change = changeOf(network, receipt);
  if (change === undefined) {
    throw new ToolError(
      `The transaction ${receipt.transactionHash} was mined, but ${receipt.to} doesn't say that it ` +
        "registered anything; is it a ComputeInstructionRegistry?",
    );
  }
  const owner: Address = getAddress(receipt.from);
  return { outcome, instruction: { id: change.id, owner, url, sha256 } };
}

/** Anyone can read the URL for ever, and must get the archive by it. */
function checkUrl(text: string, { allowHttp = false }: Registration): void {
  if (!URL.canParse(text) || /\s/.test(text)) {
    throw new ToolError(
      "The archive's URL isn't valid; expected one like https://example.com/job.tar.gz",
    );
  }
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw new ToolError("The archive's URL holds a password, and what is registered is public");
  }
  if (url.protocol === "https:") return;
  if (allowHttp && url.protocol === "http:" && isLoopback(url)) return;
  throw new ToolError(
    `The URL ${url.origin}${url.pathname} isn't https; expected the archive's public https URL`,
  );
}

/** Registering twice costs little and does no harm, so a search that fails doesn't stop it. */
async function findEarlier(
  network: Network,
  wanted: { sha256: string; url: string },
  { warn }: InstructionConversation,
): Promise<Instruction | undefined> {
  try {
    return await findInstruction(network, wanted);
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    warn(`Can't tell whether the same archive is registered already: ${error.message}`);
    return undefined;
  }
}

/** The URL serves the local archive, and the archive is proved. */
async function expectServed(
  sha256: string,
  {
    url,
    archive,
    base,
    allowHttp,
    reach,
    allowTestRuntime = false,
    unproved = false,
  }: Registration & { reach: Reach },
  { showProof, withProgress }: InstructionConversation,
): Promise<void> {
  const proving = withProgress((onProgress) =>
    proveArchive(url, { expected: { sha256, by: archive }, base, allowHttp, reach, onProgress })
  );
  const proof = await orNotProved(proving, "Nothing was registered");
  showProof(proof);
  if (proof.archive.sha256 !== sha256) {
    throw new ToolError(
      `Nothing was registered: the URL serves other bytes (SHA-256 ${proof.archive.sha256}) than ` +
        `${archive} (SHA-256 ${sha256})`,
    );
  }
  expectProved(proof, { otherwise: "Nothing was registered", unproved });
  if (!allowTestRuntime) await expectOwnRuntime(proof);
}

/** Where Deno's own download is the pinned runtime, there is no difference between them. */
async function expectOwnRuntime({ onTestRuntime = false }: Proof): Promise<void> {
  if (!onTestRuntime || await hashOwnRuntime().catch(() => "") === TEST_RUNTIME_SHA256) return;
  throw new ToolError(
    "Nothing was registered: the binary is on the runtime of `deno task denort`, which isn't known to " +
      "be Deno's own. Export the archive on Deno's own runtime, or allow the test runtime",
  );
}
