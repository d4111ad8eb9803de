// Attacks that import what isn't theirs, start programs, load libraries, or ask for the environment.
import childProcess from "node:child_process";
import cluster from "node:cluster";
import { createRequire } from "node:module";
import os from "node:os";
import process from "node:process";
import { type Attacks, core, dataUrl, say, work } from "./scene.ts";

/** A program that leaves a trace. */
const TOUCH = "/usr/bin/touch";

// The names are computed, or the bundler would look for them.
const remote = (name: string) => import(name);

export const modules: Attacks = {
  "import of a remote module": ({ port }) => remote(`http://127.0.0.1:${port}/module.js`),
  "import of a remote module from a data: module": ({ port }) =>
    remote(dataUrl(`import "http://127.0.0.1:${port}/module.js"`)),
  "import of an npm package": () => remote("npm:chalk@5"),
  "import of a JSR package": () => remote("jsr:@std/path@1"),
  "import of a file as text": ({ outside }) =>
    remote(dataUrl(`import text from "file://${outside}/secret.txt" with { type: "text" };`)),
  "import of a file as bytes": ({ outside }) =>
    remote(dataUrl(`import bytes from "file://${outside}/secret.txt" with { type: "bytes" };`)),
  "require of a file": ({ outside }) => createRequire("file:///x.js")(`${outside}/secret.json`),
  "the host's own code": async () => {
    const at = core().ops.op_main_module().replace("job.bundle", "host.js");
    await remote(at);
    await new Promise((done) => setTimeout(done, 300));
  },
  "Deno.Command": ({ outside }) =>
    new Deno.Command(TOUCH, { args: [`${outside}/new`] }).outputSync(),
  "Deno.Command with the job's own binary": () => new Deno.Command(process.execPath).spawn(),
  "node:child_process": ({ outside }) => {
    const { error } = childProcess.spawnSync(TOUCH, [`${outside}/new`]);
    if (error) throw error;
  },
  "node:child_process, forking": ({ outside }) => childProcess.fork(`${outside}/secret.txt`),
  "node:child_process, in a shell": ({ outside }) =>
    childProcess.execSync(`${TOUCH} ${outside}/new`, { shell: "/bin/sh" }),
  "node:cluster": () => cluster.fork(),
  "Deno.dlopen": () => Deno.dlopen("libc.so.6", {}),
  "process.dlopen": () => process.dlopen({ exports: {} }, "/lib/x86_64-linux-gnu/libc.so.6"),
  "an operation for Node's native modules": () =>
    core().ops.op_napi_open("/lib/x86_64-linux-gnu/libc.so.6", globalThis, Uint8Array, () => {}),
  "an operation that reads memory": () => core().ops.op_ffi_ptr_create(4096n),
  "Deno.env in a fresh realm": () =>
    work("postMessage(Deno.env.toObject())").then((env) => say(`LEAKED ${JSON.stringify(env)}`)),
  "process.env in a fresh realm": () =>
    work('import process from "node:process"; postMessage({ ...process.env })')
      .then((env) => say(`LEAKED ${JSON.stringify(env)}`)),
  "an operation for the environment": () => say(`LEAKED ${JSON.stringify(core().ops.op_env())}`),
  "an operation that changes the environment": () => core().ops.op_set_env("QUERY", "x"),
  "the signature in the environment": () => {
    const signature = core().ops.op_get_env_no_permission_check("QUERY_SIGNATURE");
    if (signature !== null) say(`LEAKED ${signature}`);
  },
  "Deno.hostname": () => Deno.hostname(),
  "Deno.networkInterfaces": () => Deno.networkInterfaces(),
  "node:os": () => os.userInfo(),
};
