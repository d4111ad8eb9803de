/**
 * A web server on loopback for definitions of schemas.
 *
 * @module
 */

/** What a path answers: a file, or any other answer. */
export type Page = string | Uint8Array<ArrayBuffer> | (() => Response | Promise<Response>);

/** A server that ends at the end of the `await using` block. */
export class DefinitionServer implements AsyncDisposable {
  /** What each path answers; others are missing. */
  readonly pages = new Map<string, Page>();
  /** The paths that were asked for. */
  readonly asked: string[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts it. */
  constructor(pages: Record<string, Page> = {}) {
    for (const [path, page] of Object.entries(pages)) this.pages.set(path, page);
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => {
        const { pathname } = new URL(request.url);
        this.asked.push(pathname);
        const page = this.pages.get(pathname);
        if (page === undefined) return new Response("missing", { status: 404 });
        return typeof page === "function" ? page() : new Response(page);
      },
    );
  }

  /** The URL of a path. */
  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
