/**
 * A way to a chain: its RPC, known to be the right one.
 *
 * @module
 */

import { type Chain, createPublicClient, type PublicClient, type Transport } from "viem";
import { ToolError } from "../errors.ts";
import { explain } from "./errors.ts";
import { type NetworkName, NETWORKS } from "./networks.ts";
import { Rpc } from "./rpc.ts";
import { patientTransport } from "./transport.ts";

const POLL_MS = 1000;

/** A client of viem's for one chain. */
export type ChainClient = PublicClient<Transport, Chain>;

/** A chain and its RPC. */
export interface Connection {
  /** The network's name. */
  network: NetworkName;
  /** The network. */
  chain: Chain;
  /** The RPC. */
  rpc: Rpc;
  /**
   * Asks the RPC. The first question is whether it is of this chain.
   *
   * @throws {RevertedError} A contract refuses the call.
   * @throws {UnreachableError} The RPC gave no answer.
   * @throws {ToolError} The RPC is of another chain, or refuses to answer.
   */
  ask<T>(question: (client: ChainClient) => Promise<T>): Promise<T>;
}

/** Where to connect to. */
export interface ConnectOptions {
  /** The network's name. */
  network: NetworkName;
  /**
   * The RPC's URL.
   *
   * @default the network's own; a devnet has none
   */
  rpc?: string;
  /**
   * The chain's id, where it isn't the network's usual one.
   *
   * @default the network's own
   */
  chainId?: number;
}

/**
 * Prepares a way to a network. Nothing is asked yet.
 *
 * @throws {ToolError} The RPC's URL isn't valid, or isn't safe.
 */
export function connect({ network, rpc: url, chainId }: ConnectOptions): Connection {
  const usual: Chain = NETWORKS[network];
  const chain = { ...usual, id: chainId ?? usual.id };
  const rpc = new Rpc(url ?? chain.rpcUrls.default.http[0] ?? "");
  const transport = patientTransport(rpc);
  const client = createPublicClient({ chain, transport, pollingInterval: POLL_MS });
  let checked: Promise<void> | undefined;
  return {
    network,
    chain,
    rpc,
    async ask(question) {
      try {
        await (checked ??= expectChain(client, rpc));
        return await question(client);
      } catch (error) {
        throw explain(error, rpc);
      }
    },
  };
}

async function expectChain(client: ChainClient, { origin }: Rpc): Promise<void> {
  const { id, name } = client.chain;
  const seen = await client.getChainId();
  if (seen === id) return;
  throw new ToolError(
    `The RPC ${origin} is of chain ${seen}, but ${name} is chain ${id}; expected an RPC of ${name}`,
  );
}
