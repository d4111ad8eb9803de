/**
 * The way of requests to an RPC: few at a time, and repeated where that may help.
 *
 * @module
 */

import { BaseError, http, HttpRequestError, RpcRequestError, type Transport } from "viem";
import { loopbackClient } from "../../../src/loopback_client.ts";
import { pause } from "../../../src/pause.ts";
import type { Rpc } from "./rpc.ts";

/** Public RPCs allow some ten requests a second. */
const AT_A_TIME = 4;
const REQUEST_TIMEOUT_MS = 15_000;

/** How long a request is repeated while the RPC says that there are too many of them. */
const PATIENCE_MS = 30_000;
/** For events the same code also means "too many of them", which no wait changes. */
const EVENTS_PATIENCE_MS = 5000;
/** How often a request is repeated that failed in another way. */
const FAILURE_RETRIES = 3;
const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;

/** HTTP statuses by which RPCs and what is in front of them say that there are too many requests. */
const LIMITED_STATUSES = [403, 429];
/** JSON-RPC error codes that say the same: EIP-1474's, and those that QuickNode and Alchemy use. */
const LIMITED_CODES = [-32005, -32007, 429];
/** The RPC doesn't have the method, whatever the HTTP status. */
const NO_METHOD_CODES = [-32004, -32601];
/** HTTP statuses, and JSON-RPC's internal error, after which another attempt may succeed. */
const PASSING = [408, 500, 502, 503, 504, -32603];

/** The RPC's answer isn't JSON-RPC. */
class NotJsonRpcError extends Error {}

/** Whether an error says that the RPC got too many requests. */
export function isLimited(error: unknown): boolean {
  const { status = 0, code = 0 } = answerOf(error) ?? {};
  if (NO_METHOD_CODES.includes(code)) return false;
  return LIMITED_STATUSES.includes(status) || LIMITED_CODES.includes(code);
}

/** Makes viem's transport for an RPC. */
export function patientTransport({ url }: Rpc): Transport {
  const queue = new Queue(AT_A_TIME);
  const client = loopbackClient(url);
  const inner = http(url.href, {
    timeout: REQUEST_TIMEOUT_MS,
    fetchFn: (input, init) => fetch(input, { ...init, client }),
    // Another server's answers aren't what the person asked for.
    fetchOptions: { redirect: "manual" },
    onFetchResponse: expectNoPage,
  });
  return (options) => {
    const transport = inner(options);
    const ask = transport.request as Request;
    const request: Request = (call, wanted) => {
      const attempt = async () => {
        const result = await ask(call, { ...wanted, retryCount: 0 });
        // JSON-RPC has `null` for nothing.
        if (result === undefined) throw new NotJsonRpcError("it has neither a result nor an error");
        return result;
      };
      return queue.run(() =>
        repeat(attempt, {
          patience: call.method === "eth_getLogs" ? EVENTS_PATIENCE_MS : PATIENCE_MS,
          // viem asks for no retries where an attempt that failed may have done something.
          retries: wanted?.retryCount === 0 ? 0 : FAILURE_RETRIES,
        })
      );
    };
    return { ...transport, request: request as typeof transport.request };
  };
}

/** A request as viem's clients make it; viem's own type knows each method's parameters. */
type Request = (
  call: { method: string; params?: unknown },
  wanted?: { retryCount?: number },
) => Promise<unknown>;

async function expectNoPage({ ok, headers, body }: Response): Promise<void> {
  if (!ok || !/^text\/html\b/i.test(headers.get("content-type") ?? "")) return;
  await body?.cancel();
  throw new NotJsonRpcError("it is a web page");
}

async function repeat<T>(
  attempt: () => Promise<T>,
  { patience, retries }: { patience: number; retries: number },
): Promise<T> {
  const deadline = performance.now() + patience;
  for (let failures = 0;; failures++) {
    try {
      return await attempt();
    } catch (error) {
      const helps = isLimited(error) || (failures < retries && isPassing(error));
      const delay = delayAfter(failures, error);
      if (!helps || performance.now() + delay > deadline) throw error;
      await pause(delay);
    }
  }
}

function isPassing(error: unknown): boolean {
  if (!(error instanceof BaseError)) return false;
  const answer = answerOf(error);
  if (answer === undefined) return true;
  const { status, code, cause } = answer;
  if (status === undefined && code === undefined) return !isNotJson(cause);
  return PASSING.includes(status ?? 0) || PASSING.includes(code ?? 0);
}

/** Whether an error's cause is an answer that isn't JSON-RPC. */
export function isNotJson(cause: unknown): boolean {
  return cause instanceof NotJsonRpcError || cause instanceof SyntaxError;
}

/** Delays grow, and differ, as requests that were refused together would else come back together. */
function delayAfter(failures: number, error: unknown): number {
  const longest = Math.min(FIRST_DELAY_MS * 2 ** failures, LONGEST_DELAY_MS);
  const own = longest * (0.5 + Math.random() / 2);
  const asked = Number(answerOf(error)?.headers?.get("retry-after") ?? 0);
  // A date is ignored: it is of the server's clock.
  return Number.isFinite(asked) ? Math.max(own, asked * 1000) : own;
}

/** What is known of an answer, or of there being none. */
interface AnswerFacts {
  status?: number;
  code?: number;
  headers?: Headers;
  cause?: unknown;
}

function answerOf(error: unknown): AnswerFacts | undefined {
  if (!(error instanceof BaseError)) return undefined;
  return error.walk((cause) =>
    cause instanceof HttpRequestError || cause instanceof RpcRequestError
  ) as AnswerFacts | null ?? undefined;
}

/** Lets so many run at a time; the others wait for their turn. */
class Queue {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(atATime: number) {
    this.#free = atATime;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((done) => this.#waiting.push(done));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place passes on to the next.
      if (next === undefined) this.#free++;
      else next();
    }
  }
}
