/**
 * A way to an RPC that fails at a method.
 *
 * @module
 */

/** A proxy that ends at the end of the `await using` block. */
export class FaultyRpc implements AsyncDisposable {
  /** Its URL. */
  readonly url: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /**
   * Starts it before the RPC at `url`.
   *
   * @param method Where it fails: all other calls go through.
   * @param reaches Whether the RPC gets the call, so that only its answer is lost.
   */
  constructor(url: string, { method, reaches }: { method: string; reaches: boolean }) {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      async (request) => {
        const body = await request.text();
        const fails = JSON.parse(body).method === method;
        const headers = { "content-type": "application/json" };
        const pass = () => fetch(url, { method: "POST", body, headers });
        if (!fails) return await pass();
        if (reaches) await (await pass()).body?.cancel();
        return new Response("Bad gateway", { status: 502 });
      },
    );
    this.url = `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
