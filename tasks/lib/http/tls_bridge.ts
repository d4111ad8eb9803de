/**
 * A way to a server for clients that can't choose the address they connect to.
 *
 * @module
 */

const UNREACHABLE = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/**
 * Takes one plain connection on this machine, and joins it to a TLS connection to an address that was
 * checked.
 */
export class TlsBridge implements Disposable {
  /** The URL that stands for the server's origin. */
  readonly origin: string;
  readonly #listener: Deno.TcpListener = Deno.listen({ hostname: "127.0.0.1", port: 0 });

  /**
   * Prepares it; nothing is connected yet.
   *
   * @param url A URL of the server. Its host must be the one that the certificate is for.
   * @param address Where the server is.
   */
  constructor({ hostname, port }: URL, address: string) {
    this.origin = `http://127.0.0.1:${this.#listener.addr.port}`;
    void this.#join(hostname.replace(/^\[|\]$/g, ""), { hostname: address, port: +port || 443 });
  }

  async #join(hostname: string, place: { hostname: string; port: number }): Promise<void> {
    const inner = await this.#listener.accept().catch(() => undefined);
    if (inner === undefined) return;
    try {
      const outer = await Deno.startTls(await Deno.connect(place), { hostname });
      await outer.handshake();
      // Each side's end is the other's; an error shows where the response is read.
      await Promise.allSettled([
        inner.readable.pipeTo(outer.writable),
        outer.readable.pipeTo(inner.writable),
      ]);
    } catch {
      // Node's client waits on a connection that just ends.
      await inner.write(new TextEncoder().encode(UNREACHABLE)).catch(() => {});
      inner.close();
    }
  }

  /** Takes no more connections; one that is there goes on. */
  [Symbol.dispose](): void {
    this.#listener.close();
  }
}
