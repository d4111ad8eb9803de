/**
 * HTTP/1.1 on a bare TCP socket, so that the engine can break the protocol on purpose: close before
 * the answer, announce another length than it sends, stop in the middle. HTTP libraries prevent just that.
 *
 * @module
 */

/** A request as it was read. */
export interface WireRequest {
  method: string;
  /** Path and query string. */
  target: string;
  headers: Headers;
  body: string;
}

/** What went over the wire in answer to one request. */
export interface Sent {
  /** The status; absent until the whole head is out. */
  status?: number;
  /** The headers of that head. */
  headers: Headers;
  /** Characters of the head, also of one that never got whole. */
  headLength: number;
  /** The start of the body, as bytes after the head, chunk framing included. */
  start: Uint8Array;
  /** All bytes after the head. */
  length: number;
  /** Milliseconds from the request to the latest byte. */
  milliseconds: number;
  /** The server closed the connection. */
  closed: boolean;
}

/** Bytes of a body that are kept. */
const KEPT_BYTES = 16 * 1024;

/** The server's side of one request. */
export class Exchange {
  readonly request: WireRequest;
  /** What has been sent so far. */
  readonly sent: Sent = {
    headers: new Headers(),
    headLength: 0,
    start: new Uint8Array(0),
    length: 0,
    milliseconds: 0,
    closed: false,
  };
  readonly #connection: Deno.TcpConn;
  readonly #began = performance.now();
  #closed = false;

  constructor(request: WireRequest, connection: Deno.TcpConn) {
    this.request = request;
    this.#connection = connection;
  }

  /** Whether the connection can't take another request. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Sends the status line and headers, just as given; with a pause, character by character. */
  async head(status: number, headers: Record<string, string>, pauseMs?: number): Promise<void> {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const text = `HTTP/1.1 ${status} ${REASONS[status] ?? "Status"}\r\n${lines}\r\n`;
    const pieces = pauseMs === undefined ? [text] : text;
    for (const piece of pieces) {
      if (!await this.#send(new TextEncoder().encode(piece))) return;
      this.sent.headLength += piece.length;
      if (pauseMs !== undefined) await new Promise((done) => setTimeout(done, pauseMs));
    }
    this.sent.status = status;
    this.sent.headers = new Headers(headers);
  }

  /** Sends bytes of a body, just as given. A client that went away ends the exchange. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    if (!await this.#send(bytes)) return;
    const { sent } = this;
    sent.length += bytes.length;
    const room = KEPT_BYTES - sent.start.length;
    if (room > 0) {
      const kept = new Uint8Array(sent.start.length + Math.min(room, bytes.length));
      kept.set(sent.start);
      kept.set(bytes.subarray(0, room), sent.start.length);
      sent.start = kept;
    }
  }

  /** Sends bytes and says whether all went out. */
  async #send(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let at = 0; at < bytes.length && !this.#closed;) {
        at += await this.#connection.write(bytes.subarray(at));
      }
    } catch {
      this.#end();
    }
    this.sent.milliseconds = performance.now() - this.#began;
    return !this.#closed;
  }

  /** Sends a whole, honest answer. */
  async respond(
    status: number,
    headers: Record<string, string>,
    body: string | Uint8Array = "",
  ): Promise<void> {
    const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
    await this.head(status, { ...headers, "content-length": String(bytes.length) });
    await this.write(bytes);
  }

  /** Sends JSON. */
  async respondJson(
    status: number,
    value: unknown,
    headers: Record<string, string> = {},
  ): Promise<void> {
    await this.respond(
      status,
      { "content-type": "application/json", ...headers },
      JSON.stringify(value),
    );
  }

  /** Closes the connection, whatever was sent. */
  close(): void {
    if (this.#closed) return;
    this.sent.closed = true;
    this.#end();
  }

  #end(): void {
    this.#closed = true;
    try {
      this.#connection.close();
    } catch {
      // The client closed it first.
    }
  }
}

/** A server on this machine. */
export interface WireServer {
  /** Its origin, such as `http://127.0.0.1:8787`. */
  origin: string;
  /** Stops listening and closes every connection. */
  close(): void;
}

/** Options of {@linkcode serveWire}. */
export interface WireOptions {
  /**
   * The address.
   *
   * @default "127.0.0.1"
   */
  hostname?: string;
  /** The port; 0 picks a free one. */
  port: number;
  /** Answers one request. */
  handle(exchange: Exchange): Promise<void>;
}

const LONGEST_HEAD = 64 * 1024;
const LONGEST_BODY = 8 * 1024 * 1024;

const REASONS: Record<number, string> = {
  200: "OK",
  206: "Partial Content",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  416: "Range Not Satisfiable",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/**
 * Serves on this machine.
 *
 * @throws {Deno.errors.AddrInUse} The port is taken.
 * @throws {Deno.errors.AddrNotAvailable} The address isn't this machine's.
 */
export function serveWire({ hostname = "127.0.0.1", port, handle }: WireOptions): WireServer {
  const listener = Deno.listen({ hostname, port });
  const connections = new Set<Deno.TcpConn>();
  (async () => {
    for await (const connection of listener) {
      connections.add(connection);
      // Else a body waits until the client has acknowledged its head, which takes it 40 ms.
      connection.setNoDelay();
      void converse(connection, handle).finally(() => {
        connections.delete(connection);
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      });
    }
  })().catch(() => {});
  return {
    origin: `http://${hostname}:${listener.addr.port}`,
    close() {
      try {
        listener.close();
      } catch {
        // Closed already.
      }
      for (const connection of connections) {
        try {
          connection.close();
        } catch {
          // Closed already.
        }
      }
    },
  };
}

async function converse(
  connection: Deno.TcpConn,
  handle: WireOptions["handle"],
): Promise<void> {
  const reader = new RequestReader(connection);
  try {
    for (;;) {
      const request = await reader.next();
      if (request === undefined) return;
      const exchange = new Exchange(request, connection);
      await handle(exchange);
      if (exchange.closed || request.headers.get("connection") === "close") return;
    }
  } catch {
    // The client went away, or sent what isn't HTTP: its connection ends.
  }
}

class RequestReader {
  readonly #connection: Deno.TcpConn;
  #pending = new Uint8Array(0);

  constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  /** The next request, or `undefined` at the end of the connection. */
  async next(): Promise<WireRequest | undefined> {
    let end: number;
    while ((end = this.#headEnd()) < 0) {
      if (this.#pending.length > LONGEST_HEAD || !await this.#more()) return undefined;
    }
    const [first = "", ...lines] = new TextDecoder().decode(this.#take(end)).trim().split("\r\n");
    const [method = "", target = ""] = first.split(" ");
    const headers = new Headers(lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }));
    const length = Number(headers.get("content-length") ?? 0);
    if (!(length <= LONGEST_BODY)) return undefined;
    while (this.#pending.length < length) if (!await this.#more()) return undefined;
    return { method, target, headers, body: new TextDecoder().decode(this.#take(length)) };
  }

  #headEnd(): number {
    for (let at = 0; at + 3 < this.#pending.length; at++) {
      if (
        this.#pending[at] === 13 && this.#pending[at + 1] === 10 && this.#pending[at + 2] === 13 &&
        this.#pending[at + 3] === 10
      ) return at + 4;
    }
    return -1;
  }

  #take(length: number): Uint8Array {
    const taken = this.#pending.subarray(0, length);
    this.#pending = this.#pending.slice(length);
    return taken;
  }

  async #more(): Promise<boolean> {
    const chunk = new Uint8Array(16 * 1024);
    const read = await this.#connection.read(chunk);
    if (read === null) return false;
    const grown = new Uint8Array(this.#pending.length + read);
    grown.set(this.#pending);
    grown.set(chunk.subarray(0, read), this.#pending.length);
    this.#pending = grown;
    return true;
  }
}
