/**
 * A Query Engine that answers as a test says, byte for byte.
 *
 * @module
 */

import {
  type Exchange,
  serveWire,
  type WireRequest,
  type WireServer,
} from "../../tasks/lib/engine/wire.ts";

/** Answers the requests of a stage; `nth` counts from 0. */
export type Answer = (exchange: Exchange, nth: number) => Promise<void>;

/** What the engine answers; by default as a sound engine does. */
export interface Script {
  /** `POST /query`. */
  submit?: Answer;
  /** `GET /query/ID`. */
  poll?: Answer;
  /** All else: the results. */
  download?: Answer;
}

/** An engine that stops at the end of the `using` block. */
export class ScriptedEngine implements Disposable {
  /** Its base URL. */
  readonly url: string;
  /** The requests so far, by stage. */
  readonly requests: Record<keyof Script, WireRequest[]> = { submit: [], poll: [], download: [] };
  readonly #server: WireServer;

  /** Starts it. */
  constructor(script: Script, file: Uint8Array = new Uint8Array(0)) {
    const sound: Required<Script> = {
      submit: (exchange) => exchange.respondJson(200, { query_id: "q-1" }),
      poll: (exchange) =>
        exchange.respondJson(200, {
          query_status: "success",
          query_results: `${this.url}/results`,
        }),
      download: (exchange) => exchange.respond(200, {}, file),
    };
    this.#server = serveWire({
      port: 0,
      handle: async (exchange) => {
        const { method, target } = exchange.request;
        const stage = method === "POST"
          ? "submit"
          : target.startsWith("/query/")
          ? "poll"
          : "download";
        const nth = this.requests[stage].push(exchange.request) - 1;
        await (script[stage] ?? sound[stage])(exchange, nth);
      },
    });
    this.url = this.#server.origin;
  }

  /** Stops it. */
  [Symbol.dispose](): void {
    this.#server.close();
  }
}
