/**
 * A client for `fetch` that connects to addresses that were checked. Left to itself, `fetch` resolves the
 * host's name again, and the name's owner could give another address that time.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";

const CONNECT_TIMEOUT_MS = 10_000;
const LONGEST_REQUEST = 8192;

/**
 * A client that connects to the same addresses whatever the URL's host is. A proxy inside this process makes
 * the connections, as Deno 2.6 has no other way to choose an address; TLS goes through it untouched. It is
 * for `https:` only, and for requests that begin before the end of the `using` block.
 */
export class PinnedClient implements Disposable {
  /** What `fetch` takes. */
  readonly client: Deno.HttpClient;
  /** Why the last connection failed, if one did. */
  failure?: string;
  readonly #addresses: readonly string[];
  readonly #port: number;
  readonly #listener: Deno.Listener;

  /** Prepares it; nothing is connected yet. */
  constructor(addresses: readonly string[], port: number) {
    this.#addresses = addresses;
    this.#port = port;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port: own } = this.#listener.addr as Deno.NetAddr;
    this.client = withoutExceptions(() =>
      Deno.createHttpClient({ proxy: { url: `http://127.0.0.1:${own}` } })
    );
    this.#serve();
  }

  async #serve(): Promise<void> {
    for await (const inner of this.#listener) this.#tunnel(inner);
  }

  async #tunnel(inner: Deno.Conn): Promise<void> {
    try {
      await readRequest(inner);
      const outer = await this.#connect();
      await inner.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\n\r\n"));
      // Each side's end is the other's; an error shows where the response is read.
      await Promise.allSettled([
        inner.readable.pipeTo(outer.writable),
        outer.readable.pipeTo(inner.writable),
      ]);
    } catch (error) {
      this.failure = messageOf(error);
      inner.close();
    }
  }

  async #connect(): Promise<Deno.Conn> {
    let failure: unknown;
    for (const hostname of this.#addresses) {
      try {
        const signal = AbortSignal.timeout(CONNECT_TIMEOUT_MS);
        return await Deno.connect({ hostname, port: this.#port, signal });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  /** Ends it; a response that is read goes on. */
  [Symbol.dispose](): void {
    this.#listener.close();
    this.client.close();
  }
}

/** Reads the request for a tunnel. Nothing follows before its answer. */
async function readRequest(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(LONGEST_REQUEST);
  let text = "";
  while (!text.endsWith("\r\n\r\n")) {
    const read = await conn.read(buffer);
    if (read === null || text.length > LONGEST_REQUEST) throw new Error("no request came");
    text += new TextDecoder().decode(buffer.subarray(0, read));
  }
}

/** `NO_PROXY` applies to a client's own proxy too. Deno reads it when a client is made. */
function withoutExceptions<T>(make: () => T): T {
  const names = ["NO_PROXY", "no_proxy"];
  const values = names.map((name) => Deno.env.get(name));
  names.forEach((name) => Deno.env.delete(name));
  try {
    return make();
  } finally {
    values.forEach((value, at) => value !== undefined && Deno.env.set(names[at]!, value));
  }
}
