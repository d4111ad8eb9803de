/**
 * A web server on loopback that serves an archive, or something else.
 *
 * @module
 */

/** A server that ends at the end of the `await using` block. */
export class FileServer implements AsyncDisposable {
  /** The URL of {@linkcode file}. */
  readonly url: string;
  /** The file that is served now. */
  file: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Starts it. */
  constructor(file: string) {
    this.file = file;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => this.#answer(new URL(request.url).pathname),
    );
    this.url = this.at("/my-compute-job.tar.gz");
  }

  /** The URL of another path: `/login` is a page, `/private` leads there. */
  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  async #answer(path: string): Promise<Response> {
    if (path === "/private") return Response.redirect(this.at("/login"));
    if (path === "/login") {
      return new Response("<html>Log in</html>", { headers: { "content-type": "text/html" } });
    }
    const file = await Deno.open(this.file);
    const { size } = await file.stat();
    return new Response(file.readable, { headers: { "content-length": `${size}` } });
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
