/**
 * What the registry says about instructions.
 *
 * @module
 */

import type { Address } from "viem";
import { ToolError } from "../errors.ts";
import type { Connection } from "../chain/connection.ts";
import { REGISTRY_ABI } from "./instruction_registry_abi.ts";

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

/** So many are asked for at a time. */
const BATCH = 20n;
/** So many of the newest instructions are looked through for an earlier one. */
const MOST_LOOKED_AT = 2000n;

/**
 * Reads an instruction.
 *
 * @throws {ToolError} There is none with that id.
 */
export async function readInstruction(connection: Connection, id: bigint): Promise<Instruction> {
  const instruction = await readIfThere(connection, id);
  if (instruction !== undefined) return instruction;
  const { registry, chain } = connection;
  throw new ToolError(
    `There is no instruction ${id} in the registry ${registry} on ${chain.name}, which has ` +
      `${await countInstructions(connection)}; are the id and --network right?`,
  );
}

async function readIfThere(connection: Connection, id: bigint): Promise<Instruction | undefined> {
  const contract = { address: connection.registry, abi: REGISTRY_ABI } as const;
  return await connection.ask(async (client) => {
    const args = [id] as const;
    if (!await client.readContract({ ...contract, functionName: "isValidInstructionId", args })) {
      return undefined;
    }
    const { hash, owner, url } = await client.readContract({
      ...contract,
      functionName: "instructions",
      args,
    });
    return { id, sha256: hash.slice(2).toLowerCase(), owner, url };
  });
}

async function countInstructions({ registry, ask }: Connection): Promise<bigint> {
  return await ask((client) =>
    client.readContract({
      address: registry,
      abi: REGISTRY_ABI,
      functionName: "instructionsCount",
    })
  );
}

/**
 * The newest instruction that has the same archive at the same URL, whoever registered it, among the
 * newest 2000. It is looked for by id and not by events, as RPCs limit how far back they give events.
 */
export async function findInstruction(
  connection: Connection,
  { sha256, url }: { sha256: string; url: string },
): Promise<Instruction | undefined> {
  const count = await countInstructions(connection);
  // Whether ids start at 0 or at 1 makes no difference: what isn't there is left out.
  const oldest = count > MOST_LOOKED_AT ? count - MOST_LOOKED_AT : 0n;
  for (let newest = count; newest >= oldest; newest -= BATCH) {
    const ids: bigint[] = [];
    for (let id = newest; id >= oldest && id > newest - BATCH; id--) ids.push(id);
    const batch = await Promise.all(ids.map((id) => readIfThere(connection, id)));
    const same = batch.find((other) => other?.sha256 === sha256 && other.url === url);
    if (same !== undefined) return same;
  }
  return undefined;
}

/** Whether an instruction may run on a DLP's data. */
export async function isApproved(
  { registry, ask }: Connection,
  { id, dlp }: { id: bigint; dlp: bigint },
): Promise<boolean> {
  return await ask((client) =>
    client.readContract({
      address: registry,
      abi: REGISTRY_ABI,
      functionName: "isApproved",
      args: [id, dlp],
    })
  );
}

/**
 * The DLPs that an instruction is approved for now: those that the contract's events name, and of which
 * it still says so.
 *
 * @throws {ToolError} The RPC doesn't give events that far back; many limit it.
 */
export async function approvedDlps(connection: Connection, id: bigint): Promise<bigint[]> {
  const { registry, ask } = connection;
  let events;
  try {
    events = await ask((client) =>
      client.getContractEvents({
        address: registry,
        abi: REGISTRY_ABI,
        eventName: "ComputeInstructionUpdated",
        args: { computeInstructionId: id },
        fromBlock: "earliest",
        strict: true,
      })
    );
  } catch (error) {
    if (!(error instanceof ToolError)) throw error;
    throw new ToolError(
      `Can't tell which DLPs it is approved for; ask about one with --dlp (${error.message})`,
    );
  }
  const approved: bigint[] = [];
  for (const dlp of new Set(events.map(({ args }) => args.dlpId))) {
    if (await isApproved(connection, { id, dlp })) approved.push(dlp);
  }
  return approved.sort((a, b) => (a < b ? -1 : 1));
}
