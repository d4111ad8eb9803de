/**
 * A way to the registry: the chain's RPC, known to be the right one.
 *
 * @module
 */

import {
  type Address,
  type Chain,
  createPublicClient,
  getAddress,
  http,
  type HttpTransport,
  isAddress,
  type PublicClient,
} from "viem";
import { ToolError } from "../errors.ts";
import { explain } from "./errors.ts";
import { type NetworkName, NETWORKS, parseNetwork } from "./networks.ts";
import { REGISTRY_ADDRESS } from "../network/instruction_registry_abi.ts";
import { Rpc } from "./rpc.ts";

const REQUEST_TIMEOUT_MS = 15_000;
const POLL_MS = 1000;

/** What the command line says about the chain. A type and no interface, as commander's types ask. */
export type ChainOptions = {
  /** The network's name. */
  network: string;
  /**
   * The RPC's URL.
   *
   * @default the network's own
   */
  rpc?: string;
  /**
   * The registry's address.
   *
   * @default the network's own
   */
  registry?: string;
};

/** A client of viem's for one chain. */
export type ChainClient = PublicClient<HttpTransport, Chain>;

/** A chain's RPC and the registry on that chain. */
export interface Connection {
  /** The network's name. */
  network: NetworkName;
  /** The network. */
  chain: Chain;
  /** The registry's address. */
  registry: Address;
  /** The RPC. */
  rpc: Rpc;
  /**
   * Asks the RPC.
   *
   * @throws {ToolError} What went wrong, for people.
   */
  ask<T>(question: (client: ChainClient) => Promise<T>): Promise<T>;
}

/**
 * Connects to a network, and makes sure that the RPC is of that network and the registry is there.
 *
 * @throws {ToolError} An option is wrong, the RPC can't be reached or is another chain's, or there is no
 * contract at the registry's address.
 */
export async function connect(options: ChainOptions): Promise<Connection> {
  const network = parseNetwork(options.network);
  const chain: Chain = NETWORKS[network];
  const registry = parseAddress(options.registry ?? REGISTRY_ADDRESS);
  const rpc = new Rpc(options.rpc ?? chain.rpcUrls.default.http[0]!);
  const transport = http(rpc.url.href, { timeout: REQUEST_TIMEOUT_MS });
  const client = createPublicClient({ chain, transport, pollingInterval: POLL_MS });
  const ask: Connection["ask"] = async (question) => {
    try {
      return await question(client);
    } catch (error) {
      throw explain(error, rpc);
    }
  };
  const id = await ask((client) => client.getChainId());
  if (id !== chain.id) {
    throw new ToolError(
      `The RPC ${rpc.host} is of chain ${id}, but ${chain.name} is chain ${chain.id}; ` +
        "do --network and --rpc belong together?",
    );
  }
  if (await ask((client) => client.getCode({ address: registry })) === undefined) {
    throw new ToolError(
      `There is no contract at ${registry} on ${chain.name}; is --registry right?`,
    );
  }
  return { network, chain, registry, rpc, ask };
}

/**
 * The options by which another person reaches the same registry. The RPC isn't among them: its URL may
 * hold a credential.
 */
export function chainFlags({ network, registry }: Connection): string {
  const flags = `--network ${network}`;
  return registry === REGISTRY_ADDRESS ? flags : `${flags} --registry ${registry}`;
}

function parseAddress(text: string): Address {
  if (isAddress(text)) return getAddress(text);
  throw new ToolError(
    `--registry ${JSON.stringify(text)} is no address; expected 0x and 40 hexadecimal digits ` +
      "(if some are capitals, then as its checksum asks)",
  );
}
