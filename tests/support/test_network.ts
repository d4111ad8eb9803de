/**
 * The network's contracts on a local EVM, with people who have money, and all that they do without a task.
 *
 * @module
 */

import {
  type Abi,
  type Address,
  type ContractFunctionName,
  encodeAbiParameters,
  parseAbiParameters,
  zeroAddress,
} from "viem";
import { vanaMoksha } from "viem/chains";
import { type Anvil, startAnvil } from "../../tasks/lib/devnet/anvil.ts";
import {
  deployContracts,
  type Deployment,
  type PoolName,
  type RefinerLayout,
} from "../../tasks/lib/devnet/deploy.ts";
import { LocalWallet, type Write } from "../../tasks/lib/devnet/wallet.ts";
import { COMPUTE_ENGINE_ABI } from "../../tasks/lib/network/compute_engine.ts";
import { INSTRUCTION_REGISTRY_ABI } from "../../tasks/lib/network/instruction_registry.ts";
import { type Network, openNetwork } from "../../tasks/lib/network/network.ts";
import { QUERY_ENGINE_ABI } from "../../tasks/lib/network/query_engine.ts";
import { TOKEN_ABI } from "../../tasks/lib/network/funds.ts";
import { TemporaryFolder } from "../../tasks/lib/temporary_folder.ts";
import { canRunEvm } from "./evm.ts";
import { OPERATION_ABI } from "./operation_abi.ts";
import { newPerson, type Person } from "./people.ts";

/** So much money everyone starts with: 10 VANA. */
const MONEY = 10n ** 19n;

/** Options of {@linkcode TestNetwork.start}. */
export interface TestNetworkOptions {
  /**
   * What a refiner's last field is.
   *
   * @default "schemaId"
   */
  layout?: RefinerLayout;
}

/** A network that ends at the end of the `await using` block. Its chain's id is Moksha's. */
export class TestNetwork implements AsyncDisposable {
  /** The RPC's URL. */
  readonly url: string;
  /** For all that the tasks' own rooms read. */
  readonly network: Network;
  /** Sends transactions, and does all that a node's operator can. */
  readonly wallet: LocalWallet;
  /** Where the contracts are. */
  readonly deployment: Deployment;
  /** The options by which a task finds the network. */
  readonly flags: readonly string[];
  /** A DLP's id. */
  readonly dlp = 7n;
  /** Owns {@linkcode dlp} and its refiners. */
  readonly owner: Person;
  /** Submits jobs. */
  readonly builder: Person = newPerson();
  /** Runs jobs. */
  readonly tee: Person = newPerson();
  /** Requests payments. */
  readonly queryEngine: Person;
  /** Administers the contracts. */
  readonly operator: Person;
  readonly #anvil: Anvil;
  readonly #folder = new TemporaryFolder({ prefix: "network-" });
  readonly #layout: RefinerLayout;

  private constructor(
    { anvil, wallet, deployment, layout, people: { operator, owner, queryEngine } }: {
      anvil: Anvil;
      wallet: LocalWallet;
      deployment: Deployment;
      layout: RefinerLayout;
      people: { operator: Person; owner: Person; queryEngine: Person };
    },
  ) {
    this.#anvil = anvil;
    this.#layout = layout;
    this.url = anvil.url;
    this.wallet = wallet;
    this.deployment = deployment;
    this.operator = operator;
    this.owner = owner;
    this.queryEngine = queryEngine;
    const { contracts } = deployment;
    this.network = openNetwork({ network: "moksha", rpc: anvil.url, contracts });
    const file = this.#folder.join("contracts.json");
    Deno.writeTextFileSync(file, JSON.stringify(contracts));
    this.flags = ["--rpc", anvil.url, "--contracts", file];
  }

  /** Starts one: with pools but no TEE, and with a DLP but no refiner. */
  static async start({ layout = "schemaId" }: TestNetworkOptions = {}): Promise<TestNetwork> {
    const anvil = await startAnvil({ chainId: vanaMoksha.id });
    const wallet = new LocalWallet(anvil.url, vanaMoksha);
    const people = { operator: newPerson(), owner: newPerson(), queryEngine: newPerson() };
    await wallet.fund(people.operator.account.address, MONEY);
    const deployment = await deployContracts(wallet, {
      operator: people.operator.account,
      queryEngine: people.queryEngine.account.address,
      layout,
    });
    const network = new TestNetwork({ anvil, wallet, deployment, layout, people });
    for (const { account } of [network.owner, network.builder, network.tee, network.queryEngine]) {
      await wallet.fund(account.address, MONEY);
    }
    await network.addDlp(network.dlp, network.owner);
    return network;
  }

  /** Makes a change, and waits until it is mined. */
  async act<
    const A extends Abi,
    const F extends ContractFunctionName<A, "nonpayable" | "payable">,
  >({ account }: Person, write: Write<A, F>): Promise<void> {
    await this.wallet.write(account, write);
  }

  /** Makes a DLP. */
  async addDlp(dlp: bigint, { account }: Person): Promise<void> {
    await this.act(this.operator, {
      abi: OPERATION_ABI,
      address: this.deployment.dlpRegistry,
      functionName: "setDlp",
      args: [dlp, account.address, `DLP ${dlp}`],
    });
  }

  /** Registers a schema, and returns its id. */
  async addSchema(
    { name = "Drive", dialect = "sqlite", url }: { name?: string; dialect?: string; url: string },
  ): Promise<bigint> {
    const registry = this.#of("DataRefinerRegistry");
    const args = [name, dialect, url] as const;
    await this.act(this.owner, { ...registry, functionName: "addSchema", args });
    return await this.wallet.client.readContract({ ...registry, functionName: "schemasCount" });
  }

  /** Registers a refiner of {@linkcode dlp}, and returns its id. */
  async addRefiner(
    { name = "Drive", url = "https://example.com/schema.json", schema }: {
      name?: string;
      /** The definition's URL, for a refiner without a registered schema. */
      url?: string;
      /** The registered schema's id. */
      schema?: bigint;
    } = {},
  ): Promise<bigint> {
    const registry = this.#of("DataRefinerRegistry");
    const archive = "https://example.com/refiner.tar.gz";
    if (schema !== undefined) {
      const args = [this.dlp, name, schema, archive] as const;
      await this.act(this.owner, { ...registry, functionName: "addRefinerWithSchemaId", args });
    } else {
      const args = [this.dlp, name, url, archive] as const;
      const called = this.#layout === "publicKey" ? [...args, "a public key"] as const : args;
      await this.act(this.owner, { ...registry, functionName: "addRefiner", args: called });
    }
    return await this.wallet.client.readContract({ ...registry, functionName: "refinersCount" });
  }

  /** Grants a permission on a refiner's data, and returns its id. */
  async grant(
    { refiner, grantee, table = "", column = "", price = 0n, token = zeroAddress }: {
      refiner: bigint;
      /** Everyone, if it is left out. */
      grantee?: Person;
      table?: string;
      column?: string;
      price?: bigint;
      token?: Address;
    },
  ): Promise<bigint> {
    const engine = {
      abi: QUERY_ENGINE_ABI,
      address: this.deployment.contracts.QueryEngine,
    } as const;
    await this.act(this.owner, {
      ...engine,
      functionName: "addPermission",
      args: [grantee?.account.address ?? zeroAddress, refiner, table, column, token, price],
    });
    return await this.wallet.client.readContract({ ...engine, functionName: "permissionsCount" });
  }

  /** Revokes a permission. */
  async revoke(id: bigint): Promise<void> {
    await this.act(this.owner, {
      abi: QUERY_ENGINE_ABI,
      address: this.deployment.contracts.QueryEngine,
      functionName: "updatePermissionApproval",
      args: [id, false],
    });
  }

  /** Registers an instruction, and returns its id. */
  async addInstruction(
    { sha256 = "5c".repeat(32), url = "https://example.com/job.tar.gz" }: {
      sha256?: string;
      url?: string;
    } = {},
  ): Promise<bigint> {
    const address = this.deployment.contracts.ComputeInstructionRegistry;
    const registry = { abi: INSTRUCTION_REGISTRY_ABI, address } as const;
    await this.act(this.builder, {
      ...registry,
      functionName: "addComputeInstruction",
      args: [`0x${sha256}`, url],
    });
    return await this.wallet.client.readContract({
      ...registry,
      functionName: "instructionsCount",
    });
  }

  /** Approves an instruction for {@linkcode dlp}. */
  async approve(instruction: bigint): Promise<void> {
    await this.#decide(instruction, true);
  }

  /** Revokes an instruction for {@linkcode dlp}. */
  async disapprove(instruction: bigint): Promise<void> {
    await this.#decide(instruction, false);
  }

  async #decide(instruction: bigint, approved: boolean): Promise<void> {
    await this.act(this.owner, {
      abi: INSTRUCTION_REGISTRY_ABI,
      address: this.deployment.contracts.ComputeInstructionRegistry,
      functionName: "updateComputeInstruction",
      args: [instruction, this.dlp, approved],
    });
  }

  /** Adds a TEE to a pool. */
  async addTee(
    { url, tee = this.tee, pool = "ephemeral" }: { url: string; tee?: Person; pool?: PoolName },
  ): Promise<void> {
    await this.act(this.operator, {
      abi: OPERATION_ABI,
      address: this.deployment.pools[pool],
      functionName: "addTee",
      args: [
        tee.account.address,
        encodeAbiParameters(parseAbiParameters("string url, string publicKey"), [url, ""]),
      ],
    });
  }

  /** Removes a TEE from a pool. */
  async removeTee(
    { tee = this.tee, pool = "ephemeral" }: { tee?: Person; pool?: PoolName } = {},
  ): Promise<void> {
    await this.act(this.operator, {
      abi: OPERATION_ABI,
      address: this.deployment.pools[pool],
      functionName: "removeTee",
      args: [tee.account.address],
    });
  }

  /** Deposits money in the ComputeEngine; a token's is approved first. */
  async deposit(
    person: Person,
    amount: bigint,
    token: Address = zeroAddress,
  ): Promise<void> {
    const address = this.deployment.contracts.ComputeEngine;
    if (token !== zeroAddress) {
      const args = [address, amount] as const;
      const approve = { abi: TOKEN_ABI, address: token, functionName: "approve", args } as const;
      await this.act(person, approve);
    }
    await this.act(person, {
      abi: COMPUTE_ENGINE_ABI,
      address,
      functionName: "deposit",
      args: [token, amount],
      value: token === zeroAddress ? amount : 0n,
    });
  }

  /** Submits a job, and returns its id. */
  async submitJob(
    { instruction, person = this.builder, maxTimeout = 300n, gpu = false, deposit = 0n }: {
      instruction: bigint;
      person?: Person;
      maxTimeout?: bigint;
      gpu?: boolean;
      deposit?: bigint;
    },
  ): Promise<bigint> {
    const engine = {
      abi: COMPUTE_ENGINE_ABI,
      address: this.deployment.contracts.ComputeEngine,
    } as const;
    await this.act(person, {
      ...engine,
      functionName: "submitJob",
      args: [maxTimeout, gpu, instruction],
      value: deposit,
    });
    return await this.wallet.client.readContract({ ...engine, functionName: "jobsCount" });
  }

  /** Takes a job's payment, as the Query Engine does before it gives results. */
  async requestPayment(
    { amount, job, refiner, token }: {
      amount: bigint;
      job: bigint;
      refiner: bigint;
      token?: Address;
    },
  ): Promise<void> {
    const engine = this.#of("QueryEngine");
    if (token === undefined) {
      const args = [amount, job, refiner] as const;
      await this.act(this.queryEngine, { ...engine, functionName: "requestPaymentInVana", args });
    } else {
      const args = [token, amount, job, refiner] as const;
      await this.act(this.queryEngine, { ...engine, functionName: "requestPaymentInToken", args });
    }
  }

  /** Sets a job's status, as its TEE does. */
  async setJobStatus(job: bigint, status: number, message = ""): Promise<void> {
    const args = [job, status, message] as const;
    const engine = this.#of("ComputeEngine");
    await this.act(this.tee, { ...engine, functionName: "updateJobStatus", args });
  }

  /** Makes a token of which the builder has 10 units, and returns its address. */
  async addToken({ symbol = "TEST", decimals = 6 } = {}): Promise<Address> {
    const address = await this.wallet.deploy(this.operator.account, "TestToken", {
      signature: "constructor(string symbol, uint8 decimals)",
      args: [symbol, decimals],
    });
    await this.act(this.operator, {
      abi: OPERATION_ABI,
      address,
      functionName: "mint",
      args: [this.builder.account.address, 10n * 10n ** BigInt(decimals)],
    });
    return address;
  }

  /** Lets jobs be paid in a token. */
  async acceptToken(token: Address): Promise<void> {
    const args = [token] as const;
    const engine = this.#of("QueryEngine");
    await this.act(this.operator, { ...engine, functionName: "addPaymentToken", args });
  }

  /** Stops all changes of a contract. */
  async pause(contract: keyof Deployment["contracts"]): Promise<void> {
    await this.act(this.operator, { ...this.#of(contract), functionName: "pause", args: [] });
  }

  /** How many transactions a person has had mined. */
  async sentBy({ account }: Person): Promise<number> {
    return await this.wallet.client.getTransactionCount({ address: account.address });
  }

  #of(contract: keyof Deployment["contracts"]): { abi: typeof OPERATION_ABI; address: Address } {
    return { abi: OPERATION_ABI, address: this.deployment.contracts[contract] };
  }

  /** Stops the chain, so that nothing answers any more. */
  async stop(): Promise<void> {
    await this.#anvil[Symbol.asyncDispose]();
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#folder[Symbol.dispose]();
    await this.#anvil[Symbol.asyncDispose]();
  }
}

/** A test on a network of its own. */
export function testOnNetwork(
  name: string,
  fn: (network: TestNetwork) => Promise<void>,
  options?: TestNetworkOptions,
): void {
  Deno.test({
    name,
    ignore: !canRunEvm,
    // A connection and its timers last as long as the task's process.
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      await using network = await TestNetwork.start(options);
      await fn(network);
    },
  });
}
