// deno task devnet: a whole network on this machine.

import { Option } from "@commander-js/extra-typings";
import { privateKeyToAccount } from "viem/accounts";
import { printable } from "../src/printable.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { DUMMY_SCRIPT } from "./lib/data/dummy_data.ts";
import { DEVNET_DLP } from "./lib/devnet/chain.ts";
import type { EngineFault } from "./lib/devnet/compute_engine/faults.ts";
import { ENGINE_FAULTS } from "./lib/devnet/compute_engine/faults.ts";
import { type RunningDevnet, startDevnet } from "./lib/devnet/devnet.ts";
import { type Devnet, readDevnetFile } from "./lib/devnet/devnet_file.ts";
import { hasDocker } from "./lib/image/docker.ts";
import { chainText } from "./lib/network/chain_text.ts";
import { wholeNumber } from "./lib/options.ts";
import { personPath } from "./lib/person_path.ts";
import { DUMMY_DATA } from "./lib/project.ts";

const DEFAULT_PORT = 8545;
/** Four ports in a row are taken. */
const HIGHEST_PORT = 65_532;

await runTask(async () => {
  const faults = Object.entries(ENGINE_FAULTS).map(([name, does]) =>
    `  ${name.padEnd(18)} ${does}`
  );
  const command = task("devnet", "Run a local network until Ctrl-C")
    .option(
      "--port <number>",
      "the RPC's port; the engines and files use the next three; 0 picks free ones",
      wholeNumber({ max: HIGHEST_PORT }),
      DEFAULT_PORT,
    )
    .option(
      "--from <file>",
      `the script of the refiner's schema and data (default: ${DUMMY_DATA})`,
      personPath,
    )
    .addOption(
      new Option(
        "--schema <file>",
        "the definition of a refiner's schema, with made-up rows (repeatable, one refiner each)",
      ).argParser(collectPath).conflicts("from"),
    )
    .option("--state <folder>", "keep the chain in this folder for the next start", personPath)
    .addOption(
      new Option(
        "--chain <file>",
        "use a running chain with its contracts: {rpc, chainId, contracts, keys: {tee, queryEngine}, " +
          "teeUrl}",
      ).argParser(personPath).conflicts("state"),
    )
    .option("--base <image>", "the base that archives must have, if not the Dockerfile's")
    .option("--as-text", "return all values as text and NULL as None, as the network's engine does")
    .addOption(
      new Option("--fault <name...>", "simulate a fault of the Compute Engine")
        .choices(Object.keys(ENGINE_FAULTS)),
    )
    .addHelpText("after", `\nFaults:\n${faults.join("\n")}`);
  const options = (await command.parseAsync()).opts();
  const stopped = untilSignal();
  await using stack = new AsyncDisposableStack();
  const devnet = await startDevnet({
    data: options.schema === undefined
      ? { script: options.from ?? DUMMY_SCRIPT }
      : { definitions: options.schema },
    port: options.port,
    state: options.state,
    external: options.chain === undefined ? undefined : readDevnetFile(options.chain),
    docker: await hasDocker(),
    base: options.base,
    asText: options.asText,
    faults: options.fault as EngineFault[] | undefined,
    onEvent: (line) => note(printable(line)),
  }, stack);
  show(devnet, options.chain !== undefined);
  await stopped;
  note("Stopping");
});

function collectPath(text: string, before: string[] | undefined): string[] {
  return [...before ?? [], personPath(text)];
}

/** A signal before all has started stops it once it has. */
function untilSignal(): Promise<void> {
  return new Promise((stop) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      Deno.addSignalListener(signal, () => stop());
    }
  });
}

function show(
  { chain: { devnet }, queryEngineUrl, computeEngineUrl, archivesUrl, refiners, runsJobs }:
    RunningDevnet,
  isExternal: boolean,
): void {
  print(`Devnet (chain ${devnet.chainId})`);
  print(`  RPC             ${devnet.rpc}`);
  print(`  Query Engine    ${queryEngineUrl}`);
  print(`  Compute Engine  ${computeEngineUrl}`);
  print(`  archives        ${archivesUrl}/`);
  for (const { id, name, url } of refiners) {
    if (isExternal) print(`  schema          ${url}, and likewise for other refiners`);
    else print(`  ${`refiner ${id}`.padEnd(14)}  of DLP ${DEVNET_DLP}, ${chainText(name)}, ${url}`);
  }
  for (const [name, address] of Object.entries(devnet.contracts)) {
    print(`  ${name.padEnd(26)}  ${address}`);
  }
  if (!isExternal) showKeys(devnet);
  print();
  note(runsJobs);
  note("Tasks find it with --network devnet. Stop with Ctrl-C.\n");
}

function showKeys({ keys }: Devnet): void {
  print("\nKeys, worth nothing elsewhere; each account has 1000 VANA:");
  for (const [part, key] of Object.entries(keys)) {
    print(`  ${part.padEnd(11)}  ${key}  ${privateKeyToAccount(key).address}`);
  }
}
