// Attacks that read what isn't theirs, or write anywhere but in their staging folder.
import fs from "node:fs";
import path from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { type Attacks, core, say } from "./scene.ts";

/** Text that no test may find anywhere. */
const TEXT = "ATTACK";

const leak = (text: string) => say(`LEAKED ${text}`);

export const files: Attacks = {
  "Deno.readTextFile": ({ outside }) => leak(Deno.readTextFileSync(`${outside}/secret.txt`)),
  "node:fs, reading": ({ outside }) => leak(fs.readFileSync(`${outside}/secret.txt`, "utf8")),
  "node:fs, opening": ({ outside }) => fs.openSync(`${outside}/secret.txt`, "r"),
  "fetch of a file": async ({ outside }) =>
    leak(await (await fetch(`file://${outside}/secret.txt`)).text()),
  "a way up": ({ staging, outside }) =>
    leak(Deno.readTextFileSync(`${staging}/../../../${path.basename(outside)}/secret.txt`)),
  "the process's environment": () => leak(Deno.readTextFileSync("/proc/self/environ")),
  "the process's memory": () => Deno.openSync("/proc/self/mem"),
  "the process's files": () => leak([...Deno.readDirSync("/proc/self/fd")].join()),
  "the input mount": ({ input }) => leak([...Deno.readDirSync(path.dirname(input))].join()),
  "what an earlier run published": ({ output }) => leak(Deno.readTextFileSync(`${output}/old.txt`)),
  "the output mount": ({ output }) => leak([...Deno.readDirSync(output)].join()),
  "Deno.stat": ({ outside }) => Deno.statSync(`${outside}/secret.txt`),
  "node:fs, whether a file is there": ({ outside }) => {
    if (fs.existsSync(`${outside}/secret.txt`)) leak("it is there");
  },
  "Deno.watchFs": ({ outside }) => Deno.watchFs(outside),
  "an operation of require": ({ outside }) =>
    leak(core().ops.op_require_read_file(`${outside}/secret.txt`)),
  "an operation for .env files": ({ outside }) =>
    core().ops.op_node_load_env_file(`${outside}/secret.txt`),

  "Deno.writeTextFile": ({ outside }) => Deno.writeTextFileSync(`${outside}/new.txt`, TEXT),
  "node:fs, writing": ({ outside }) => fs.writeFileSync(`${outside}/new.txt`, TEXT),
  "writing to the output mount": ({ output }) => Deno.writeTextFileSync(`${output}/new.txt`, TEXT),
  "writing to what was published": ({ output }) =>
    Deno.writeTextFileSync(`${output}/old.txt`, TEXT),
  "removing what was published": ({ output }) => Deno.removeSync(`${output}/old.txt`),
  "renaming into the output mount": ({ staging, output }) => {
    Deno.writeTextFileSync(`${staging}/a`, TEXT);
    Deno.renameSync(`${staging}/a`, `${output}/old.txt`);
  },
  "writing to the results": ({ input }) => Deno.writeTextFileSync(input, TEXT),
  "opening the results for writing": ({ input }) =>
    Deno.openSync(input, { read: true, write: true }),
  "cutting off the results": ({ input }) => Deno.openSync(input).truncateSync(0),
  "SQL that changes the results": ({ input }) =>
    new DatabaseSync(input).exec("DELETE FROM results"),
  "removing the results": ({ input }) => Deno.removeSync(input),
  "a temporary file": () => Deno.makeTempFileSync({ dir: "/tmp", prefix: "relay-attack-" }),
  "node:fs, a temporary folder": () => fs.mkdtempSync("/tmp/relay-attack-"),
  "a folder outside": ({ outside }) => Deno.mkdirSync(`${outside}/folder`, { recursive: true }),
  "a relative path from another folder": ({ staging }) => {
    Deno.chdir(staging);
    Deno.writeTextFileSync("../../new.txt", TEXT);
  },
  "the host's scratch folder": ({ staging }) =>
    Deno.writeTextFileSync(path.join(staging, "../scratch/new.txt"), TEXT),

  "Deno.symlink": ({ staging, outside }) => Deno.symlinkSync(outside, `${staging}/link`),
  "node:fs, a symbolic link": ({ staging, outside }) => fs.symlinkSync(outside, `${staging}/link`),
  "Deno.link to a file outside": ({ staging, outside }) =>
    Deno.linkSync(`${outside}/secret.txt`, `${staging}/link`),
  "Deno.link to the results": ({ staging, input }) => Deno.linkSync(input, `${staging}/link`),
  "node:fs, a link to the results": ({ staging, input }) => fs.linkSync(input, `${staging}/link`),
  "copying a file outside": ({ staging, outside }) =>
    Deno.copyFileSync(`${outside}/secret.txt`, `${staging}/copy`),
  "renaming a file outside": ({ staging, outside }) =>
    Deno.renameSync(`${outside}/secret.txt`, `${staging}/moved`),

  "SQLite on a file outside": ({ outside }) => new DatabaseSync(`${outside}/new.db`).exec(SCHEMA),
  "SQLite on a file: URI outside": ({ outside }) =>
    new DatabaseSync(`file:${outside}/new.db?mode=rwc`).exec(SCHEMA),
  "SQLite on a URL with escapes": ({ staging }) =>
    new DatabaseSync(new URL(`file://${staging}/..%2f..%2fnew.db`)).exec(SCHEMA),
  "SQLite on a relative path": ({ staging }) => {
    Deno.chdir(staging);
    new DatabaseSync("../../new.db").exec(SCHEMA);
  },
  "SQLite on a relative file: URI": ({ staging }) => {
    Deno.chdir(staging);
    const db = new DatabaseSync("file:../../new.db");
    db.exec(SCHEMA);
    db.close();
  },
  "ATTACH": ({ outside }) => memory().exec(`ATTACH '${outside}/new.db' AS other; ${SCHEMA}`),
  "VACUUM INTO": ({ outside }) => memory().exec(`VACUUM INTO '${outside}/new.db'`),
  "VACUUM INTO a bound name": ({ outside }) =>
    memory().prepare("VACUUM INTO ?").run(`${outside}/new.db`),
  "SQLite's backup": ({ outside }) => backup(memory(), `${outside}/new.db`),
  "SQLite's extensions": () => new DatabaseSync(":memory:", { allowExtension: true }),
  "load_extension": () => memory().prepare("SELECT load_extension('/lib/libc.so.6')").get(),
  "SQLite's settings for the whole process": ({ outside }) =>
    memory().exec(`PRAGMA temp_store_directory = '${outside}';
      PRAGMA data_store_directory = '${outside}'; PRAGMA hard_heap_limit = 4000000;
      PRAGMA temp_store = file; CREATE TEMP TABLE t AS SELECT randomblob(1000);`),
  "writable_schema": () =>
    memory().exec("PRAGMA writable_schema = on; UPDATE sqlite_schema SET sql = 'nonsense'"),
};

const SCHEMA = "CREATE TABLE t(a)";

function memory(): DatabaseSync {
  return new DatabaseSync(":memory:");
}
