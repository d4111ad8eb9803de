/**
 * Compiles contracts. The compiler comes from npm by a lock file of its own: in `deno.lock` it would be
 * downloaded by every task.
 *
 * @module
 */

import { join } from "node:path";
import type { Abi, Hex } from "viem";
import { isFile } from "../../src/files.ts";
import { outcomeOf, runCommand, startCommand } from "../../tasks/lib/process/command.ts";
import { hashFile } from "../../tasks/lib/hash.ts";
import { CACHE, ROOT } from "../../tasks/lib/project.ts";
import { withLock } from "./lock.ts";

const LOCK = join(ROOT, "tests/support/contracts");
const FOLDER = join(CACHE, "evm");
const COMPILER = join(FOLDER, "node_modules/solc/index.js");

/** The compiler's own program ends before all of a long answer is written to a pipe. */
const PROGRAM = `
  const { compile } = require(process.argv[1]);
  process.stdout.write(compile(require("node:fs").readFileSync(0, "utf8")));
`;

/** Whether there is a compiler here; it is fetched if it can be. */
export const canCompileContracts: boolean = await withLock("evm", install);

async function install(): Promise<boolean> {
  const installed = join(FOLDER, "package-lock.json");
  const wanted = join(LOCK, "package-lock.json");
  if (isFile(COMPILER) && hashFile(installed) === hashFile(wanted)) return true;
  Deno.mkdirSync(FOLDER, { recursive: true });
  Deno.copyFileSync(join(LOCK, "package.json"), join(FOLDER, "package.json"));
  Deno.copyFileSync(wanted, installed);
  try {
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund"];
    return (await runCommand({ program: "npm", args, cwd: FOLDER })).success;
  } catch {
    return false;
  }
}

/** A compiled contract. */
export interface CompiledContract {
  /** What a transaction deploys it with. */
  bytecode: Hex;
  /** Its code as it is on-chain. */
  deployed: Hex;
  /** Its interface. */
  abi: Abi;
}

/** Compiles the contracts in a folder, each in a file of its own name; abstract ones have no code. */
export async function compileContracts(folder: string): Promise<Map<string, CompiledContract>> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith(".sol")).sort();
  const sources = Object.fromEntries(names.map((name) => {
    return [name, { content: Deno.readTextFileSync(join(folder, name)) }];
  }));
  const output = ["abi", "evm.bytecode.object", "evm.deployedBytecode.object"];
  const { contracts, errors } = await compile({
    language: "Solidity",
    sources,
    settings: {
      // As small as they get, and without a hash of the source, which changes with every comment.
      optimizer: { enabled: true, runs: 1 },
      metadata: { appendCBOR: false },
      evmVersion: "shanghai",
      outputSelection: { "*": { "*": output } },
    },
  });
  if (errors !== undefined) throw new Error(errors[0]?.formattedMessage);
  return new Map(names.flatMap((file) => {
    const name = file.replace(".sol", "");
    const compiled = contracts[file]?.[name];
    const code = compiled?.evm.bytecode.object ?? "";
    if (compiled === undefined || code === "") return [];
    return [[name, {
      bytecode: `0x${code}`,
      deployed: `0x${compiled.evm.deployedBytecode.object}`,
      abi: compiled.abi,
    }]];
  }));
}

/** What of the compiler's answer is used. */
interface Compilation {
  contracts: Record<
    string,
    Record<
      string,
      { abi: Abi; evm: { bytecode: { object: string }; deployedBytecode: { object: string } } }
    >
  >;
  errors?: { formattedMessage: string }[];
}

async function compile(input: unknown): Promise<Compilation> {
  const child = startCommand(
    { program: "node", args: ["-e", PROGRAM, COMPILER], stdin: "piped" },
    "piped",
  );
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { success, stdout, stderr } = await outcomeOf(child);
  if (!success) throw new Error(`The compiler failed: ${stderr}`);
  return JSON.parse(stdout);
}
