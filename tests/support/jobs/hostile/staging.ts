// Attacks on what is published: odd things in the staging folder, and the folder itself.
import fs from "node:fs";
import { type Attacks, forgeEnd, work } from "./scene.ts";

const write = (path: string) => Deno.writeTextFileSync(path, "new");

export const staging: Attacks = {
  "a second name for a file": ({ staging }) => {
    write(`${staging}/a`);
    Deno.linkSync(`${staging}/a`, `${staging}/b`);
  },
  "a second name by node:fs": ({ staging }) => {
    write(`${staging}/a`);
    fs.linkSync(`${staging}/a`, `${staging}/b`);
  },
  "a socket": ({ staging }) => {
    Deno.listen({ transport: "unix", path: `${staging}/socket` });
  },
  "a socket that stays": ({ staging }) => {
    Deno.listen({ transport: "unix", path: `${staging}/socket` });
    // Deno removes a listener's own path at its end.
    Deno.renameSync(`${staging}/socket`, `${staging}/renamed`);
  },
  "a sparse giant": ({ staging }) => {
    write(`${staging}/a`);
    Deno.truncateSync(`${staging}/a`, 2 ** 42);
  },
  "10,001 files": ({ staging }) => {
    for (let at = 0; at <= 10_000; at++) write(`${staging}/${at}`);
  },
  "10,001 folders": ({ staging }) => {
    for (let at = 0; at <= 10_000; at++) Deno.mkdirSync(`${staging}/${at}`);
  },
  "folders as deep as a path can be": ({ staging }) => {
    const depth = Math.floor((4000 - staging.length) / 2);
    Deno.mkdirSync(staging + "/d".repeat(depth), { recursive: true });
  },
  "folders deeper than the host's path can be": ({ staging }) => {
    const depth = Math.floor((4090 - staging.length) / 2);
    Deno.mkdirSync(staging + "/d".repeat(depth), { recursive: true });
  },
  "the host's own prefix": ({ staging }) => write(`${staging}/.relay-staging-x`),
  "the host's own prefix below": ({ staging }) => {
    Deno.mkdirSync(`${staging}/d/.relay-staging-x`, { recursive: true });
  },
  "a name with a line break": ({ staging }) => write(`${staging}/a\nb`),
  "a name with an escape sequence": ({ staging }) => write(`${staging}/\x1b[31m`),
  "a name with a backslash": ({ staging }) => write(`${staging}/a\\..\\b`),
  "a name of over 255 bytes": ({ staging }) => write(`${staging}/${"ä".repeat(128)}`),
  "a folder with the name of a file in the output": ({ staging }) => {
    Deno.mkdirSync(`${staging}/old.txt`);
    write(`${staging}/old.txt/x`);
  },
  "no staging folder": ({ staging }) => {
    Deno.removeSync(staging, { recursive: true });
    return forgeEnd();
  },
  "a file for a staging folder": ({ staging }) => {
    Deno.removeSync(staging, { recursive: true });
    write(staging);
    return forgeEnd();
  },
  "a working folder that is gone": ({ staging }) => {
    Deno.mkdirSync(`${staging}/d`);
    Deno.chdir(`${staging}/d`);
    Deno.removeSync(`${staging}/d`);
  },
  "a working folder in staging": ({ staging }) => {
    Deno.chdir(staging);
  },
  "a umask": () => {
    Deno.umask(0o777);
  },
  "a worker that goes on writing": async ({ staging }) => {
    await work(`
      const file = Deno.openSync(${
      JSON.stringify(`${staging}/late.txt`)
    }, { write: true, create: true });
      postMessage("ready");
      for (;;) {
        file.writeSync(new Uint8Array(1));
        try { Deno.mkdirSync(${JSON.stringify(staging)}); } catch {}
        try { Deno.writeTextFileSync(${JSON.stringify(`${staging}/more.txt`)}, "x"); } catch {}
      }`);
  },
  "a worker that makes the folders again": async ({ staging }) => {
    await work(`
      postMessage("ready");
      for (;;) {
        try { Deno.mkdirSync(${JSON.stringify(`${staging}/d`)}, { recursive: true }); } catch {}
      }`);
    throw new Error("done");
  },
  "a worker in SQL without end": async ({ staging }) => {
    await work(`
      import { DatabaseSync } from "node:sqlite";
      const db = new DatabaseSync(${JSON.stringify(`${staging}/late.db`)});
      postMessage("ready");
      db.exec("CREATE TABLE t AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT max(i) FROM c");`);
  },
  "a worker on an idle timer": async () => {
    await work('setInterval(() => {}, 1000); postMessage("ready")');
  },
  "writes that aren't awaited": ({ staging }) => {
    for (let at = 0; at < 100; at++) {
      void Deno.writeFile(`${staging}/${at}`, new Uint8Array(1 << 16));
    }
  },
  "the rights of its own folder": ({ staging }) => {
    Deno.mkdirSync(`${staging}/d`);
    Deno.chmodSync(`${staging}/d`, 0);
    Deno.chmodSync(staging, 0);
    return forgeEnd();
  },
  "a failure with folders without rights": ({ staging }) => {
    Deno.mkdirSync(`${staging}/d`);
    write(`${staging}/d/f`);
    Deno.chmodSync(`${staging}/d`, 0);
    Deno.chmodSync(staging, 0);
    throw new Error("done");
  },
};
