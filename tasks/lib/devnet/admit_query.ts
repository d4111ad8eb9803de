/**
 * How a Query Engine decides by the chain who may ask what, and takes the price.
 *
 * @module
 */

import { isAddressEqual, parseAbi, zeroAddress } from "viem";
import type { PrivateKeyAccount } from "viem/accounts";
import { RevertedError, UncertainError } from "../chain/errors.ts";
import { type AskedQuery, RefusedError } from "../engine/asked_query.ts";
import type { QueryTerms } from "../engine/queries.ts";
import { ToolError } from "../errors.ts";
import type { Need } from "../network/coverage.ts";
import { type Job, readJob } from "../network/jobs.ts";
import type { Network } from "../network/network.ts";
import type { Permission } from "../network/permissions.ts";
import { type Quote, quoteQuery } from "../network/quote.ts";
import { UnknownRefinerError } from "../network/refiners.ts";
import { QueryError } from "../schema/query_reads.ts";
import type { LocalWallet } from "./wallet.ts";

/** What only the Query Engine's account calls, and the errors that come through from the ComputeEngine. */
const PAYMENT_ABI = parseAbi([
  "function requestPaymentInVana(uint256 amount, uint256 jobId, uint256 refinerId)",
  "function requestPaymentInToken(address token, uint256 amount, uint256 jobId, uint256 refinerId)",
  "error InsufficientBalance()",
  "error JobNotSubmitted(uint256 jobId)",
  "error InvalidPaymentToken(address token)",
  "error EnforcedPause()",
]);

/** Why a payment is refused, by the contracts' errors. */
const REFUSALS: Readonly<Record<string, string>> = {
  InsufficientBalance: "the job's owner has too little in the ComputeEngine",
  JobNotSubmitted: "no TEE has taken the job",
  InvalidPaymentToken: "the QueryEngine doesn't accept the token of the price",
  EnforcedPause: "the ComputeEngine is paused",
};

/** Options of {@linkcode admitByChain}. */
export interface AdmissionOptions {
  /** Sends the requests for payment. */
  wallet: LocalWallet;
  /** The account that may request payments. */
  account: PrivateKeyAccount;
  /** The SQLite file with a refiner's data; `undefined` if there is none here. */
  databaseOf: (refiner: bigint) => string | undefined;
}

/** An id that a request has. */
interface Ids {
  refiner: bigint;
  job: bigint;
}

/**
 * Makes the decision about queries: the account that signed one must be the job's owner and have permissions
 * for all that it reads, the newest of which count; its price is the sum of theirs, each once. The contracts
 * take it from the owner's deposit before the results are given.
 */
export function admitByChain(
  network: Network,
  options: AdmissionOptions,
): (query: AskedQuery) => Promise<QueryTerms> {
  return async (query) => {
    const ids = idsOf(query);
    const job = await readJobOf(network, ids.job);
    if (!isAddressEqual(job.owner, query.signer)) {
      throw new RefusedError(
        403,
        `The query is signed by ${query.signer}, and job ${ids.job} is of ${job.owner}; or the ` +
          "signature is of another text",
      );
    }
    const database = options.databaseOf(ids.refiner);
    if (database === undefined) {
      throw new RefusedError(404, `There is no data of refiner ${ids.refiner} here`);
    }
    const { needs } = await quote(network, query, ids);
    const permissions = permissionsOf(needs);
    return { database, settle: () => pay(network, options, permissions, ids) };
  };
}

function idsOf({ refiner, job }: AskedQuery): Ids {
  if (refiner === undefined || !Number.isSafeInteger(refiner) || refiner < 1) {
    throw new RefusedError(422, "refiner_id: expected a refiner's id");
  }
  if (job === undefined || !/^[1-9]\d{0,77}$/.test(job)) {
    throw new RefusedError(422, "job_id: expected a job's id as text");
  }
  return { refiner: BigInt(refiner), job: BigInt(job) };
}

async function readJobOf(network: Network, id: bigint): Promise<Job> {
  return await orRefuse(404, () => readJob(network, id));
}

/** What isn't there is the asker's mistake; what can't be asked is the engine's trouble. */
async function orRefuse<T>(status: number, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ToolError) || error instanceof UncertainError) throw error;
    throw new RefusedError(status, error.message);
  }
}

async function quote(
  network: Network,
  { sql, signer }: AskedQuery,
  { refiner }: Ids,
): Promise<Quote> {
  try {
    return await quoteQuery(network, { refiner, account: signer, query: sql });
  } catch (error) {
    if (error instanceof UnknownRefinerError) throw new RefusedError(404, error.message);
    if (error instanceof QueryError) throw new RefusedError(400, error.message);
    throw error;
  }
}

/** The permissions that a query rests on, each once. */
function permissionsOf(needs: readonly Need[]): Permission[] {
  const missing = needs.filter(({ permission }) => permission === undefined);
  if (missing.length > 0) {
    const names = missing.map(({ table, column }) => column ? `${table}.${column}` : table);
    throw new RefusedError(403, `There is no permission for ${names.join(", ")}`);
  }
  const used = new Map(needs.map(({ permission }) => [permission!.id, permission!]));
  return [...used.values()];
}

async function pay(
  network: Network,
  { wallet, account }: AdmissionOptions,
  permissions: readonly Permission[],
  { job, refiner }: Ids,
): Promise<void> {
  const amounts = new Map<Permission["token"], bigint>();
  for (const { token, price } of permissions) {
    amounts.set(token, (amounts.get(token) ?? 0n) + price);
  }
  const contract = { abi: PAYMENT_ABI, address: network.contracts.QueryEngine } as const;
  try {
    for (const [token, amount] of amounts) {
      if (amount === 0n) continue;
      if (token === zeroAddress) {
        const args = [amount, job, refiner] as const;
        await wallet.write(account, { ...contract, functionName: "requestPaymentInVana", args });
      } else {
        const args = [token, amount, job, refiner] as const;
        await wallet.write(account, { ...contract, functionName: "requestPaymentInToken", args });
      }
    }
  } catch (error) {
    if (!(error instanceof RevertedError)) throw error;
    const reason = REFUSALS[error.errorName ?? ""] ?? error.message;
    throw new ToolError(`The query isn't paid: ${reason}`);
  }
}
