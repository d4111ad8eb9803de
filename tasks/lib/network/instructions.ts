/**
 * What the ComputeInstructionRegistry says about instructions.
 *
 * @module
 */

import type { Address } from "viem";
import { ToolError } from "../errors.ts";
import { readContract, readEach } from "../chain/read.ts";
import { instructionRegistry } from "./instruction_registry.ts";
import type { Network } from "./network.ts";

/** A registered instruction. */
export interface Instruction {
  /** Its id. */
  id: bigint;
  /** The archive's SHA-256, in lower-case hexadecimal. */
  sha256: string;
  /** Who registered it. */
  owner: Address;
  /** Where the archive is. Anyone may have written it: it can be any text. */
  url: string;
}

/** So many of the newest instructions are looked through for an earlier one. */
const MOST_SEARCHED = 2000n;
/** So many of the newest instructions are looked through for those that a DLP approves. */
const MOST_LISTED = 10_000n;

/**
 * Reads an instruction.
 *
 * @throws {ToolError} There is none with that id, or the RPC can't be asked.
 */
export async function readInstruction(network: Network, id: bigint): Promise<Instruction> {
  const registry = instructionRegistry(network);
  const isThere = await readContract(
    network,
    { ...registry, functionName: "isValidInstructionId" },
    [id],
  );
  if (!isThere) {
    throw new ToolError(
      `There is no instruction ${id} in the ComputeInstructionRegistry ${registry.address} on ` +
        `${network.chain.name}, which has ${await countInstructions(
          network,
        )}; expected the id of one ` +
        "that was registered there",
    );
  }
  const read = await readContract(network, { ...registry, functionName: "instructions" }, [id]);
  return toInstruction(id, read);
}

function toInstruction(
  id: bigint,
  { hash, owner, url }: { hash: string; owner: Address; url: string },
): Instruction {
  return { id, sha256: hash.slice(2).toLowerCase(), owner, url };
}

async function countInstructions(network: Network): Promise<bigint> {
  const called = { ...instructionRegistry(network), functionName: "instructionsCount" } as const;
  return await readContract(network, called, []);
}

/**
 * The newest instruction with the same archive at the same URL, whoever registered it, among the newest
 * 2000. It is looked for by id and not by events, as RPCs limit how far back they give events.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function findInstruction(
  network: Network,
  { sha256, url }: { sha256: string; url: string },
): Promise<Instruction | undefined> {
  const ids = await newestIds(network, MOST_SEARCHED);
  const instructions = await readInstructions(network, ids);
  return instructions.find((other) => other.sha256 === sha256 && other.url === url);
}

/** Reads instructions by their ids, in as few requests as the chain allows. */
async function readInstructions(network: Network, ids: bigint[]): Promise<Instruction[]> {
  const called = { ...instructionRegistry(network), functionName: "instructions" } as const;
  const read = await readEach(network, called, ids.map((id) => [id] as const));
  return read.flatMap((one, at) => one === undefined ? [] : [toInstruction(ids[at]!, one)]);
}

/** The ids of the newest instructions, newest first. The contract counts from 1. */
async function newestIds(network: Network, most: bigint): Promise<bigint[]> {
  const count = await countInstructions(network);
  const ids: bigint[] = [];
  for (let id = count; id > 0n && id > count - most; id--) ids.push(id);
  return ids;
}

/** Whether an instruction may run on a DLP's data. */
export async function isApproved(
  network: Network,
  { id, dlp }: { id: bigint; dlp: bigint },
): Promise<boolean> {
  const called = { ...instructionRegistry(network), functionName: "isApproved" } as const;
  return await readContract(network, called, [id, dlp]);
}

/** The instructions that may run on a DLP's data. */
export interface ApprovedInstructions {
  /** The instructions, newest first. */
  instructions: Instruction[];
  /** How many of the newest instructions were looked at. */
  lookedAt: number;
  /** Whether there are older ones, which weren't looked at. */
  more: boolean;
}

/**
 * Finds the instructions that may run on a DLP's data, among the newest 10,000.
 *
 * @throws {ToolError} The RPC can't be asked.
 */
export async function approvedInstructions(
  network: Network,
  dlp: bigint,
): Promise<ApprovedInstructions> {
  const ids = await newestIds(network, MOST_LISTED);
  const called = { ...instructionRegistry(network), functionName: "isApproved" } as const;
  const approvals = await readEach(network, called, ids.map((id) => [id, dlp] as const));
  const approved = ids.filter((_, at) => approvals[at] === true);
  return {
    instructions: await readInstructions(network, approved),
    lookedAt: ids.length,
    more: (ids.at(-1) ?? 1n) > 1n,
  };
}

/**
 * The DLPs that an instruction is approved for now: those that the contract's events name, and of which
 * it still says so.
 *
 * @throws {ToolError} The RPC doesn't give events that far back; many limit it.
 */
export async function approvedDlps(network: Network, id: bigint): Promise<bigint[]> {
  let events;
  try {
    events = await network.ask((client) =>
      client.getContractEvents({
        ...instructionRegistry(network),
        eventName: "ComputeInstructionUpdated",
        args: { computeInstructionId: id },
        fromBlock: "earliest",
        strict: true,
      })
    );
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(
      `This RPC doesn't give the events that name the DLPs of instruction ${id}; ask about one DLP ` +
        `(${error.message})`,
    );
  }
  const dlps = [...new Set(events.map(({ args }) => args.dlpId))];
  const called = { ...instructionRegistry(network), functionName: "isApproved" } as const;
  const approvals = await readEach(network, called, dlps.map((dlp) => [id, dlp] as const));
  return dlps.filter((_, at) => approvals[at] === true).sort((a, b) => (a < b ? -1 : 1));
}
