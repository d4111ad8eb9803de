// A job that tries to get out, in the way that the first of QUERY_PARAMS names.
import { spawnSync } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { defineJob } from "../../../mod.ts";

const HERE = { hostname: "127.0.0.1", port: 9 };

const WAYS: Record<string, (argument: string) => unknown> = {
  "fetch": () => fetch("http://127.0.0.1:9/"),
  "connect": () => Deno.connect(HERE),
  "listen": () => Deno.listen(HERE),
  "node:dgram": () =>
    new Promise((_, fail) =>
      createSocket("udp4").on("error", fail).send("out", 9, "127.0.0.1", fail)
    ),
  "websocket": () => new WebSocket("ws://127.0.0.1:9/"),
  "dns": () => Deno.resolveDns("example.org", "A"),
  "node:dns": () => lookup("example.org"),
  "node:http": () =>
    new Promise((done, fail) => httpRequest("http://127.0.0.1:9/", done).on("error", fail).end()),
  "node:net": () => new Promise((_, fail) => connect(9, "127.0.0.1").on("error", fail)),
  "request": async () => {
    await Deno.permissions.request({ name: "net" });
    await fetch("http://127.0.0.1:9/");
  },
  "import": (url) => import(url),
  "spawn": () => new Deno.Command("true").outputSync(),
  "node:child_process": () => {
    const { error } = spawnSync("true");
    if (error) throw error;
  },
  "library": () => Deno.dlopen("libc.so.6", {}),
  "environment": () => Deno.env.get("HOME"),
  "whole environment": () => Deno.env.toObject(),
  "proc environment": () => Deno.readTextFileSync("/proc/self/environ"),
  "host name": () => Deno.hostname(),
  "worker": () => work({}),
  "worker with rights": () => work({ deno: { permissions: { run: true, net: true } } }),
  "unix socket": async (path) => {
    const connection = await Deno.connect({ transport: "unix", path });
    await connection.write(new TextEncoder().encode("out"));
    connection.close();
  },
};

/** Fails with what a worker fails with that tries the network. */
function work(options: object): Promise<never> {
  return new Promise((_, fail) => {
    const script = 'fetch("http://127.0.0.1:9/").catch((error) => postMessage(error.message))';
    const worker = new Worker(`data:application/javascript,${script}`, {
      type: "module",
      ...options,
    });
    worker.onmessage = ({ data }) => fail(new Error(data));
    worker.onerror = (event) => {
      event.preventDefault();
      fail(new Error(event.message));
    };
  });
}

export default defineJob({
  name: "escaping",
  async process({ parameters: { queryParams: [way, argument] } }) {
    await WAYS[String(way)]!(String(argument));
  },
});
