// A job that tries to send data out, in the way that the first of QUERY_PARAMS names.
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { defineJob, runJob } from "../../../mod.ts";

const WAYS: Record<string, () => Promise<unknown>> = {
  "fetch": () => fetch("http://127.0.0.1:9/"),
  "connect": () => Deno.connect({ hostname: "127.0.0.1", port: 9 }),
  "dns": () => Deno.resolveDns("example.org", "A"),
  "node:http": () =>
    new Promise((done, fail) => httpRequest("http://127.0.0.1:9/", done).on("error", fail).end()),
  "node:net": () => new Promise((_, fail) => connect(9, "127.0.0.1").on("error", fail)),
  "request": async () => {
    await Deno.permissions.request({ name: "net" });
    await fetch("http://127.0.0.1:9/");
  },
};

await runJob(defineJob({
  name: "phoning",
  async process({ parameters }) {
    await WAYS[String(parameters.queryParams[0])]!();
  },
}));
