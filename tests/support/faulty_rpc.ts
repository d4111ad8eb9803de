/**
 * A proxy to an RPC that does what RPCs do wrong.
 *
 * @module
 */

/** A request of JSON-RPC. */
export interface RpcCall {
  /** Its method. */
  method: string;
  /** Its parameters, if it has any. */
  params?: unknown[];
}

/**
 * Does something wrong.
 *
 * @param pass Lets the RPC answer.
 * @returns What is answered; `undefined` lets the RPC answer, and counts as no fault.
 */
export type Fault = (
  call: RpcCall,
  pass: () => Promise<Response>,
) => Promise<Response | undefined> | Response | undefined;

/** A proxy that ends at the end of the `await using` block. */
export class FaultyRpc implements AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  /** The methods that were called, in order. */
  readonly calls: string[] = [];
  /** How often the fault happened. */
  faults = 0;
  /** The most requests that were under way at a time. */
  most = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts it before the RPC at `url`. */
  constructor(url: string, fault: Fault = () => undefined) {
    let underWay = 0;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        this.most = Math.max(this.most, ++underWay);
        try {
          const body = await request.text();
          const call = JSON.parse(body) as RpcCall;
          this.calls.push(call.method);
          const headers = { "content-type": "application/json" };
          const pass = () => fetch(url, { method: "POST", body, headers });
          const answer = await fault(call, pass);
          if (answer === undefined) return await pass();
          this.faults++;
          return answer;
        } finally {
          underWay--;
        }
      },
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** Loses a method's call on its way to the RPC. */
export function lost(method: string): Fault {
  return (call) => call.method === method ? badGateway() : undefined;
}

/** Loses the answer to a method's call, which the RPC gets. */
export function answerLost(method: string): Fault {
  return async (call, pass) => {
    if (call.method !== method) return undefined;
    await (await pass()).body?.cancel();
    return badGateway();
  };
}

function badGateway(): Response {
  return new Response("Bad gateway", { status: 502 });
}

/** Refuses what exceeds so many requests within a second. */
export function limitedTo(perSecond: number, refuse: () => Response): Fault {
  const times: number[] = [];
  return () => {
    const now = performance.now();
    while (times.length > 0 && times[0]! < now - 1000) times.shift();
    if (times.length >= perSecond) return refuse();
    times.push(now);
    return undefined;
  };
}

/** Answers a method, or all of them, with an error of JSON-RPC's. */
export function refuses(
  matches: (call: RpcCall) => boolean,
  error: { code: number; message: string },
  status = 200,
): Fault {
  return (call) => matches(call) ? errorAnswer(error, status) : undefined;
}

/** An error of JSON-RPC's. */
export function errorAnswer(error: { code: number; message: string }, status = 200): Response {
  return Response.json({ jsonrpc: "2.0", id: 1, error }, { status });
}
