/**
 * Goes the whole way of a job on a devnet: by the tasks themselves, as people would.
 *
 * @module
 */

import { basename, join } from "node:path";
import { privateKeyToAccount } from "viem/accounts";
import { messageOf } from "../../../src/errors.ts";
import { NoRuntimeError } from "../binary/compile_program.ts";
import { runDeno } from "../process/deno.ts";
import { ToolError } from "../errors.ts";
import { hashFile } from "../hash.ts";
import { NoBaseError } from "../image/base.ts";
import { exportArchive, type ExportedArchive } from "../image/export.ts";
import { readPayments } from "../network/jobs.ts";
import { DENO_PROJECT_ARGS, ROOT } from "../project.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../network/instruction_registry.ts";
import { DEVNET_DLP, type LocalChain } from "./chain.ts";

/** What a query costs in a rehearsal, in VANA. */
const PRICE = "0.01";
const DEPOSIT = "0.5";
const JOB = 1n;

/** A step of the way. */
export interface RehearsalStep {
  /** What is done. */
  name: string;
  /** Who does it. */
  who: string;
  /** How long it took. */
  seconds: number;
}

/** Options of {@linkcode rehearse}. */
export interface RehearsalOptions {
  /** The job's module. */
  entry?: string;
  /** The base of its archive, if not the Dockerfile's. */
  base?: string;
  /** The query. */
  query: string;
  /** An empty folder, in which the archive and the artifacts are left. */
  folder: string;
  /** Gets each step that is done. */
  onStep: (step: RehearsalStep) => void;
}

/** How a rehearsal went. */
export interface Rehearsal {
  /** The artifacts' folder. */
  output: string;
  /** What was paid for the job, in wei. */
  paid: bigint;
}

/** The archive of a rehearsal. */
export interface RehearsalArchive {
  /** Its file. */
  path: string;
  /** Whether its binary is on the runtime that tests use. */
  onTestRuntime: boolean;
}

/**
 * Makes the archive of a job.
 *
 * @returns Why it can't be made, in a sentence, where the base or the runtime isn't available.
 * @throws {ToolError} It can't be made for another reason.
 */
export async function makeArchive(
  { entry, base, folder, onStep }: RehearsalOptions,
): Promise<RehearsalArchive | string> {
  const path = join(folder, "job.tar.gz");
  let made: ExportedArchive;
  const started = performance.now();
  try {
    made = await exportArchive({ entry, base, output: path });
  } catch (error) {
    if (error instanceof NoBaseError || error instanceof NoRuntimeError) return messageOf(error);
    throw error;
  }
  onStep({ name: "export", who: "builder", seconds: secondsSince(started) });
  return { path, onTestRuntime: made.onTestRuntime };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

/**
 * Goes the way from an archive to artifacts.
 *
 * @param archive The archive; without one, the devnet runs the job from its source, and no task can prove
 * what is registered.
 * @throws {ToolError} A step failed; the message holds what it printed.
 */
export async function rehearse(
  { chain, archivesUrl }: { chain: LocalChain; archivesUrl: string },
  archive: RehearsalArchive | undefined,
  { base, query, folder, onStep }: RehearsalOptions,
): Promise<Rehearsal> {
  const output = join(folder, "artifacts");
  const step = async (who: "builder" | "owner", name: string, args: readonly string[]) => {
    const started = performance.now();
    await runTask(name, args, chain.devnet.keys[who]!);
    onStep({ name: describe(name, args), who, seconds: secondsSince(started) });
  };
  const proof = ["--allow-http", ...base === undefined ? [] : ["--base", base]];
  const refiner = "1";
  await step("builder", "schema", [refiner, "--write", join(folder, "dummy_data.sql")]);
  if (archive === undefined) {
    const started = performance.now();
    await registerUnproved(chain, { archivesUrl, folder });
    const name = "register and approve, without a proof";
    onStep({ name, who: "builder", seconds: secondsSince(started) });
  } else {
    await step("builder", "register", [
      ...["--url", `${archivesUrl}/${basename(archive.path)}`, "--archive", archive.path],
      ...["--yes", ...proof, ...archive.onTestRuntime ? ["--allow-test-runtime"] : []],
    ]);
    await step("owner", "approve", [
      ...["1", "--dlp", `${DEVNET_DLP}`, "--without-source", "--yes", ...proof],
    ]);
  }
  await step("owner", "permissions", [refiner, "--grant", "everyone", "--price", PRICE, "--yes"]);
  await step("builder", "funds", ["--deposit", DEPOSIT, "--yes"]);
  await step("builder", "quote", ["--refiner", refiner, "--query", query]);
  await step("builder", "submit", [
    ...["--instruction", "1", "--refiner", refiner, "--query", query],
    ...["--output", output, "--allow-http", "--yes"],
  ]);
  const payments = await readPayments(chain.network, JOB);
  return { output, paid: payments.reduce((sum, { amount }) => sum + amount, 0n) };
}

/** Registers and approves a file that stands for the archive. */
async function registerUnproved(
  { wallet, devnet: { contracts, keys } }: LocalChain,
  { archivesUrl, folder }: { archivesUrl: string; folder: string },
): Promise<void> {
  const path = join(folder, "no_archive.txt");
  Deno.writeTextFileSync(path, "There is no archive: the job runs from its source.\n");
  const registry = {
    abi: INSTRUCTION_REGISTRY_ABI,
    address: contracts.ComputeInstructionRegistry,
  } as const;
  await wallet.write(privateKeyToAccount(keys.builder!), {
    ...registry,
    functionName: "addComputeInstruction",
    args: [`0x${hashFile(path)}`, `${archivesUrl}/${basename(path)}`],
  });
  await wallet.write(privateKeyToAccount(keys.owner!), {
    ...registry,
    functionName: "updateComputeInstruction",
    args: [1n, DEVNET_DLP, true],
  });
}

function describe(name: string, args: readonly string[]): string {
  if (name === "permissions") return "permissions --grant";
  return name === "funds" ? `funds ${args[0]}` : name;
}

/** Runs a task as a person would. */
async function runTask(name: string, args: readonly string[], key: string): Promise<void> {
  const denort = Deno.env.get("DENORT_BIN");
  const { success, stdout, stderr } = await runDeno(
    ["run", "-A", ...DENO_PROJECT_ARGS, `tasks/${name}.ts`, "--network", "devnet", ...args],
    {
      cwd: ROOT,
      env: { PRIVATE_KEY: key, ...denort === undefined ? {} : { DENORT_BIN: denort } },
    },
  );
  if (!success) throw new ToolError(`${name} failed:\n\n${stdout}\n${stderr}`);
}
