// Attacks that try to open a connection, to be connected to, or to ask a name server.
import dgram from "node:dgram";
import dns from "node:dns";
import { type EventEmitter, once } from "node:events";
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import inspector from "node:inspector";
import net from "node:net";
import tls from "node:tls";
import { type Attacks, core, sleep, work } from "./scene.ts";

const HOST = "127.0.0.1";

/** Waits for the event that means success; an error is thrown. */
const until = (emitter: EventEmitter, name: string) => once(emitter, name);

/** What this checkout's types don't have, because it is unstable or gone. */
// deno-lint-ignore no-explicit-any
const untyped = globalThis as any;

export const network: Attacks = {
  "fetch": ({ port }) => fetch(`http://${HOST}:${port}/`),
  "fetch, uploading a stream": ({ port }) =>
    fetch(`http://${HOST}:${port}/`, {
      method: "POST",
      body: new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(9)) }),
    }),
  "fetch by a proxy": ({ port }) =>
    fetch("http://example.org/", {
      client: Deno.createHttpClient({ proxy: { url: `http://${HOST}:${port}` } }),
    }),
  "fetch by a proxy on a Unix socket": ({ socket }) =>
    fetch("http://example.org/", {
      client: Deno.createHttpClient({ proxy: { transport: "unix", path: socket } }),
    }),
  "Deno.connect": ({ port }) => Deno.connect({ hostname: HOST, port }),
  "Deno.connect to a Unix socket": ({ socket }) =>
    Deno.connect({ transport: "unix", path: socket }),
  "Deno.connect to a virtual machine's socket": () =>
    Deno.connect({ transport: "vsock", cid: 2, port: 9 }),
  "Deno.connectTls": ({ port }) => Deno.connectTls({ hostname: HOST, port }),
  "Deno.listen": () => Deno.listen({ hostname: HOST, port: 0 }),
  "Deno.listen on a Unix socket": ({ outside }) =>
    Deno.listen({ transport: "unix", path: `${outside}/listener` }),
  "Deno.listenDatagram": () =>
    untyped.Deno.listenDatagram({ hostname: HOST, port: 0, transport: "udp" }),
  "Deno.serve": () => Deno.serve({ hostname: HOST, port: 0 }, () => new Response()).finished,
  "Deno.resolveDns": ({ port }) =>
    Deno.resolveDns("example.org", "A", { nameServer: { ipAddr: HOST, port } }),
  "Deno.connectQuic": ({ port }) =>
    untyped.Deno.connectQuic({ hostname: HOST, port, alpnProtocols: ["h3"] }),
  "WebSocket": ({ port }) => new WebSocket(`ws://${HOST}:${port}/`),
  "WebSocketStream": ({ port }) => new untyped.WebSocketStream(`ws://${HOST}:${port}/`).opened,
  "EventSource": async ({ port }) => {
    const source = new EventSource(`http://${HOST}:${port}/`);
    await new Promise((_, fail) => source.onerror = () => fail(new Error("no events")));
  },
  "WebTransport": ({ port }) => new untyped.WebTransport(`https://${HOST}:${port}/`).ready,
  "node:net": ({ port }) => until(net.connect(port, HOST), "connect"),
  "node:net to a Unix socket": ({ socket }) => until(net.connect(socket), "connect"),
  "node:net, listening": () => until(net.createServer().listen(0, HOST), "listening"),
  "node:tls": ({ port }) => until(tls.connect(port, HOST), "secureConnect"),
  "node:http": ({ port }) => until(http.request(`http://${HOST}:${port}/`).end(), "response"),
  "node:http, listening": () => until(http.createServer().listen(0, HOST), "listening"),
  "node:http with an agent of its own": ({ port }) => {
    const agent = new http.Agent({ keepAlive: true });
    return until(http.request(`http://${HOST}:${port}/`, { agent }).end(), "response");
  },
  "node:https": ({ port }) => until(https.request(`https://${HOST}:${port}/`).end(), "response"),
  "node:http2": ({ port }) => until(http2.connect(`http://${HOST}:${port}`), "connect"),
  "node:dgram": ({ port }) =>
    new Promise((done, fail) => {
      const socket = dgram.createSocket("udp4").on("error", fail);
      socket.send("out", port, HOST, (error) => error ? fail(error) : done(undefined));
    }),
  "node:dgram, bound": () => until(dgram.createSocket("udp4").bind(0, HOST), "listening"),
  "node:dns, looking up": () => dns.promises.lookup("example.org"),
  "node:dns, resolving": ({ port }) => {
    const resolver = new dns.promises.Resolver();
    resolver.setServers([`${HOST}:${port}`]);
    return resolver.resolve4("example.org");
  },
  "node:inspector": ({ port }) => inspector.open(port, HOST),
  "node:inspector, on the host": () => {
    const session = new inspector.Session();
    session.connectToMainThread();
  },
  "asking for the permission": async ({ port }) => {
    await Deno.permissions.request({ name: "net" });
    await fetch(`http://${HOST}:${port}/`);
  },
  "a worker": ({ port }) => send(port, {}),
  "a worker that inherits": ({ port }) => send(port, { deno: { permissions: "inherit" } }),
  "a worker with more rights": ({ port }) => send(port, { deno: { permissions: { net: true } } }),
  "a worker with all rights": ({ port }) =>
    send(port, {
      deno: { permissions: { net: true, env: true, run: true, read: true, ffi: true } },
    }),
  "a worker in a worker": async ({ port }) => {
    const inner = `fetch("http://${HOST}:${port}/").then(() => "sent", String).then(postMessage)`;
    const outer = `const worker = new Worker("data:text/javascript," + ${
      JSON.stringify(encodeURIComponent(inner))
    }, { type: "module" }); worker.onmessage = ({ data }) => postMessage(data);`;
    throw new Error(String(await work(outer)));
  },
  "a worker from a blob": ({ port }) => {
    const source = `fetch("http://${HOST}:${port}/").then(() => "sent", String).then(postMessage)`;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    return new Promise((_, fail) => worker.onmessage = ({ data }) => fail(new Error(data)));
  },
  "a worker of node:worker_threads": async ({ port }) => {
    const { Worker } = await import("node:worker_threads");
    const source = `const { parentPort } = require("node:worker_threads");
      require("node:net").connect(${port}, "${HOST}")
        .on("connect", () => parentPort.postMessage("sent"))
        .on("error", (error) => parentPort.postMessage(error.message));`;
    const worker = new Worker(source, { eval: true });
    await new Promise((_, fail) => worker.on("message", (text) => fail(new Error(text))));
  },
  "a classic worker": ({ port }) => {
    new Worker(`data:text/javascript,importScripts("http://${HOST}:${port}/")`, {
      type: "classic" as "module",
    });
    return sleep(1000);
  },
  "an operation that connects": ({ port }) =>
    core().ops.op_net_connect_tcp({ hostname: HOST, port }, undefined, undefined),
  "an operation for UDP": () =>
    core().ops.op_net_listen_udp({ hostname: HOST, port: 0 }, false, false),
  "an operation for a remote key-value store": ({ port }) =>
    core().ops.op_kv_database_open(`http://${HOST}:${port}/`),
  "an operation for WebSocket": ({ port }) =>
    core().ops.op_ws_create("attack", `ws://${HOST}:${port}/`, "", null, [], null),
  "an operation for a worker's scripts": ({ port }) =>
    core().ops.op_worker_sync_fetch([`http://${HOST}:${port}/`], true),
  "operations for QUIC": ({ port }) => {
    const { ops } = core();
    const address = { hostname: "::", port: 0 };
    const endpoint = ops.op_quic_endpoint_create(address, false, null, null, null);
    const target = {
      addr: { hostname: HOST, port },
      caCerts: [],
      alpnProtocols: ["h3"],
      serverName: "localhost",
      serverCertificateHashes: null,
    };
    const transport = {
      keepAliveInterval: null,
      maxIdleTimeout: null,
      maxConcurrentBidirectionalStreams: null,
      maxConcurrentUnidirectionalStreams: null,
      preferredAddressV4: null,
      preferredAddressV6: null,
      congestionControl: "default",
    };
    return ops.op_quic_endpoint_connect(endpoint, target, transport, ops.op_tls_key_null());
  },
};

async function send(port: number, options: object): Promise<void> {
  const source = `fetch("http://${HOST}:${port}/").then(() => "sent", String).then(postMessage)`;
  throw new Error(String(await work(source, options)));
}
