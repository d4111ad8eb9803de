/** A hostile checkout as the source: nothing in it runs, and nothing in it is believed. */

import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../../../tasks/lib/project.ts";
import { BuilderCheckout, HONEST_JOB } from "../../../support/builder_source.ts";
import { hasProgram } from "../../../support/artifacts.ts";
import { outcomeOf, spawnDeno } from "../../../support/run.ts";

/** A job that imports something, and the files it may be helped by. */
function jobWith(statement: string): string {
  return `${statement}\n${HONEST_JOB}`;
}

const REFUSED_IMPORTS: Record<string, string> = {
  "an absolute path": 'import "/etc/hostname.json";',
  "a file URL": 'import "file:///etc/hostname.json";',
  "a file URL in capitals": 'import "FILE:/etc/hostname.json";',
  "a path that leads out": 'import a from "../outside.json" with { type: "json" };',
  "a path that leads out and in again": 'import "./../checkout/lib.ts";',
  "an encoded path that leads out": 'import "./%2e%2e/outside.json";',
  "an encoded slash": 'import "./..%2Foutside.json";',
  "an encoded backslash": 'import "./..%5coutside.json";',
  "an escaped string": 'import "\\x2fetc/hostname.json";',
  "another machine": 'import "//example.com/a.ts";',
  "http": 'import "http://127.0.0.1:9/a.ts";',
  "https": 'import "https://example.com/a.ts";',
  "data": 'import "data:text/javascript,export default 1";',
  "blob": 'import "blob:https://example.com/1";',
  "jsr": 'import "jsr:@std/path";',
  "a name that nothing defines": 'import "unnamed";',
  "a dynamic import": 'await import("../outside.json", { with: { type: "json" } });',
  "a template": "await import(`../outside.json`);",
  "a computed import": 'const n = "outside"; await import("../" + n + ".json");',
  "a computed path of any depth": "const n = ''; await import(`./lib/${n}.ts`);",
  "require": 'require("/etc/hostname.json");',
  "a computed require": 'const n = "outside"; require("../" + n + ".json");',
  "an import of TypeScript": 'import a = require("../outside.json");',
  "an export": 'export * from "/etc/hostname.json";',
  "a text import": 'import a from "../outside.txt" with { type: "text" };',
  "a bytes import": 'import a from "./data.bin" with { type: "bytes" };',
  "an npm library that isn't locked": 'import "npm:left-pad@1.3.0";',
  "a library's URL": 'import "npm:https://example.com/a.tgz";',
  "a dotfile": 'import "./.secret.ts";',
  "a file in a dot folder": 'import "./.git/a.ts";',
  "node_modules": 'import "./node_modules/a/index.js";',
  "vendor": 'import "./vendor/a.ts";',
  "package.json": 'import a from "./package.json" with { type: "json" };',
  "deno.json": 'import a from "./deno.json" with { type: "json" };',
  "tsconfig.json": 'import a from "./lib/tsconfig.json" with { type: "json" };',
  "a stylesheet": 'import "./style.css";',
  "a module that isn't there": 'import "./missing.ts";',
  "a folder": 'import "./lib";',
  "a query": 'import "./lib.ts?a=b";',
  "no text": "import '\u0000';",
};

for (const [name, statement] of Object.entries(REFUSED_IMPORTS)) {
  Deno.test(`a source's import is refused: ${name}`, async () => {
    using builder = new BuilderCheckout({
      "main.ts": jobWith(statement),
      "lib.ts": "export {};",
      "lib/tsconfig.json": "{}",
      ".secret.ts": "export {};",
      ".git/a.ts": "export {};",
      "node_modules/a/index.js": "export {};",
      "vendor/a.ts": "export {};",
      "package.json": "{}",
      "style.css": '@import "../outside.txt";',
    });
    Deno.writeTextFileSync(join(dirname(builder.path), "outside.json"), "{}");
    Deno.writeTextFileSync(join(dirname(builder.path), "outside.txt"), "outside");
    await assert.rejects(builder.compare(undefined), (error: Error) => {
      assert.equal(error.name, "ToolError");
      assert.match(error.message, /main\.ts|source/);
      return true;
    });
  });
}

const REFUSED_NAMES: Record<string, [name: string, target: string]> = {
  "a part of Deno": ["node:fs", "./evil.ts"],
  "a module of the SDK": ["./src/job/isolate.ts", "./evil.ts"],
  "a URL": ["https://example.com/", "./"],
  "every file": ["file:///", "./"],
  "a remote module": ["remote", "https://example.com/a.ts"],
  "an absolute path": ["absolute", "/etc/hostname.json"],
  "a file URL": ["file", "file:///etc/hostname.json"],
  "a path that leads out": ["out", "../outside.json"],
  "an encoded path that leads out": ["out", "./%2e%2e/outside.json"],
  "jsr": ["path", "jsr:@std/path@1"],
  "data": ["data", "data:text/javascript,1"],
  "a library's URL": ["library", "npm:a@https://example.com/a.tgz"],
};

for (const [what, [name, target]] of Object.entries(REFUSED_NAMES)) {
  Deno.test(`a name in a source's import map is refused: ${what}`, async () => {
    using builder = new BuilderCheckout({ "evil.ts": "export {};" });
    builder.change<{ imports: Record<string, string> }>("import_map.json", ({ imports }) => {
      imports[name] = target;
    });
    await assert.rejects(builder.compare(undefined), /The source's import map has .* refused/);
  });
}

Deno.test("scopes in a source's import map are refused", async () => {
  using builder = new BuilderCheckout();
  builder.change<Record<string, unknown>>("import_map.json", (map) => {
    map.scopes = { "./src/": { "node:fs": "./evil.ts" } };
  });
  await assert.rejects(builder.compare(undefined), /scopes/);
});

Deno.test("an import map elsewhere is refused", async () => {
  for (const importMap of ["../import_map.json", "/etc/hostname", "https://example.com/map.json"]) {
    using builder = new BuilderCheckout();
    builder.change<Record<string, unknown>>("deno.json", (config) => {
      config.importMap = importMap;
    });
    await assert.rejects(builder.compare(undefined), /names the import map/);
  }
});

const WITH_LIBRARY = jobWith('import { parse } from "csv-parse/sync";\nconsole.log(parse);');

/** A lock file, as far as it is changed here. */
interface Lock {
  specifiers: Record<string, string>;
  npm: Record<string, Record<string, unknown>>;
}

const HOSTILE_LOCKS: Record<string, [change: (lock: Lock) => void, message: RegExp]> = {
  "another integrity": [
    ({ npm }) => npm["csv-parse@7.0.3"]!.integrity = `sha512-${"A".repeat(86)}==`,
    /as the source's deno\.lock fixes them:[^]*csv-parse@7\.0\.3[^]*checksum did not match/,
  ],
  "no integrity": [({ npm }) => delete npm["csv-parse@7.0.3"]!.integrity, /deno\.lock.*integrity/],
  "a weak integrity": [
    ({ npm }) => npm["csv-parse@7.0.3"]!.integrity = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=",
    /deno\.lock.*integrity/,
  ],
  "an address of its own": [
    ({ npm }) => npm["csv-parse@7.0.3"]!.tarball = "http://127.0.0.1:9/csv-parse.tgz",
    /deno\.lock.*tarball/,
  ],
  "a dependency by URL": [
    ({ npm }) => npm["csv-parse@7.0.3"]!.dependencies = ["a@https://example.com/a.tgz"],
    /deno\.lock.*dependencies/,
  ],
  "another version": [
    ({ specifiers }) => specifiers["npm:csv-parse@7.0.3"] = "7.0.2",
    /deno\.lock doesn't fix/,
  ],
  "nothing of the library": [({ npm }) => delete npm["csv-parse@7.0.3"], /deno\.lock doesn't fix/],
};

for (const [name, [change, message]] of Object.entries(HOSTILE_LOCKS)) {
  Deno.test(`a source's lock file is refused: ${name}`, async () => {
    using builder = new BuilderCheckout({ "main.ts": WITH_LIBRARY });
    builder.change("deno.lock", change);
    await assert.rejects(builder.compare(undefined), message);
  });
}

const ODD_FILES: Record<string, [make: (path: string) => void, message: RegExp]> = {
  "a link": [(path) => Deno.symlinkSync("/etc/passwd", path), /it is a link/],
  "a hard link": [(path) => Deno.linkSync(join(dirname(path), "main.ts"), path), /hard link/],
  "a folder": [(path) => Deno.mkdirSync(path), /regular file/],
  "a FIFO": [(path) => {
    const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
    assert.ok(success);
  }, /regular file/],
  "a huge file": [(path) => {
    using file = Deno.openSync(path, { create: true, write: true });
    file.truncateSync(2 ** 40);
  }, /more than 4\.0 MiB/],
  "a syntax tree that takes too much memory": [
    (path) => Deno.writeTextFileSync(path, ";".repeat(2 ** 20 + 1)),
    /1048577 characters; the limit is 1048576/,
  ],
  "too deep a syntax tree": [
    (path) => Deno.writeTextFileSync(path, `${"[".repeat(300_000)}`),
    /can't be parsed/,
  ],
  "no TypeScript": [(path) => Deno.writeTextFileSync(path, "import from from;"), /can't be parsed/],
  "text on which a parser takes for ever": [
    (path) => Deno.writeTextFileSync(path, `f(${"<T>(".repeat(30)}`),
    /it takes too long/,
  ],
  "deep nesting": [
    (path) => Deno.writeTextFileSync(path, `export default ${"[".repeat(1_000_000)}`),
    /can't be parsed/,
  ],
};

for (const [name, [make, message]] of Object.entries(ODD_FILES)) {
  Deno.test(`a source's file is refused: ${name}`, async () => {
    using builder = new BuilderCheckout({ "main.ts": jobWith('import "./odd.ts";') });
    make(builder.join("odd.ts"));
    await assert.rejects(builder.compare(undefined), message);
  });
}

Deno.test("a folder of the source that is a link is refused, as is a device", async () => {
  using builder = new BuilderCheckout({
    "main.ts": jobWith('import "./linked/a.json";'),
    "real/a.json": "{}",
  });
  Deno.symlinkSync("real", builder.join("linked"));
  await assert.rejects(builder.compare(undefined), /its folder is a link/);
  builder.write({ "main.ts": jobWith('import "./dev/zero.json";') });
  Deno.symlinkSync("/dev", builder.join("dev"));
  await assert.rejects(builder.compare(undefined), /its folder is a link/);
});

Deno.test("a lock file that is a link isn't read", async () => {
  using builder = new BuilderCheckout();
  Deno.removeSync(builder.join("deno.lock"));
  Deno.symlinkSync(join(ROOT, "deno.lock"), builder.join("deno.lock"));
  await assert.rejects(builder.compare(undefined), /deno\.lock.*link/);
});

Deno.test("a name with control characters is refused, printably", async () => {
  using builder = new BuilderCheckout({
    "main.ts": jobWith('import "./a\\u001b[2J.ts";'),
    "a\u001b[2J.ts": "export {};",
  });
  await assert.rejects(builder.compare(undefined), (error: Error) => {
    assert.ok(!error.message.includes("\u001b"));
    return true;
  });
});

Deno.test("a source of too many files is refused", async () => {
  const names = Array.from({ length: 2001 }, (_, at) => `m${at}.ts`);
  using builder = new BuilderCheckout({
    "main.ts": jobWith(names.map((name) => `import "./${name}";`).join("\n")),
    ...Object.fromEntries(names.map((name) => [name, "export {};"])),
  });
  await assert.rejects(builder.compare(undefined), /more than 2000 files/);
});

const DIRECTIVES = `/** @jsxImportSource https://example.com/jsx */
/// <reference path="/dev/zero" />
/// <reference types="https://example.com/types.d.ts" />
// @ts-nocheck
// @deno-types="/etc/passwd"
//# sourceMappingURL=/dev/zero
/* @__PURE__ */ /*! @license */
`;

Deno.test("directives in comments lead nowhere", async () => {
  using builder = new BuilderCheckout({ "main.ts": `${DIRECTIVES}${HONEST_JOB}` });
  const text = new TextDecoder().decode(await builder.program());
  assert.ok((await builder.compare(new TextEncoder().encode(text))).same);
});

Deno.test("a JSX pragma leads to no module elsewhere", async () => {
  using builder = new BuilderCheckout({ "main.ts": jobWith('import "./view.tsx";') });
  const outside = join(dirname(builder.path), "outside");
  Deno.mkdirSync(outside);
  Deno.writeTextFileSync(join(outside, "jsx-runtime"), "export const jsx = () => 'outside';");
  for (const source of [outside, "../outside", "http://127.0.0.1:9/jsx"]) {
    builder.write({ "view.tsx": `/** @jsxImportSource ${source} */\nconsole.log(<a />);` });
    await assert.rejects(builder.compare(undefined), /can't be bundled/);
  }
});

Deno.test({
  name: "nothing of a hostile checkout runs, no server is asked, and no key leaves",
  ignore: !hasProgram("git"),
  async fn() {
    const asked: string[] = [];
    await using registry = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      ({ url, headers }) => {
        asked.push(`${url} ${headers.get("authorization")}`);
        return new Response(null, { status: 404 });
      },
    );
    const host = `127.0.0.1:${registry.addr.port}`;
    using builder = new BuilderCheckout({ "main.ts": WITH_LIBRARY });
    const program = await builder.program();
    const ran = builder.join("ran");
    const touch = `touch ${ran}`;
    const evil = `Deno.writeTextFileSync(${JSON.stringify(ran)}, "");`;
    builder.write({
      ".npmrc": `registry=http://${host}/\n//${host}/:_authToken=\${PRIVATE_KEY}\n`,
      ".env": "NPM_CONFIG_REGISTRY=http://example.com\n",
      "package.json": JSON.stringify({
        scripts: { preinstall: touch, install: touch, postinstall: touch, prepare: touch },
        dependencies: { esbuild: `http://${host}/esbuild.tgz` },
      }),
      "deno.jsonc": "{",
      "tsconfig.json": '{ "extends": "../outside.json", "compilerOptions": { "jsx": "react" } }',
      "evil.ts": evil,
      "node_modules/csv-parse/package.json": '{ "name": "csv-parse", "main": "../../evil.ts" }',
      "node_modules/.bin/esbuild": `#!/bin/sh\n${touch}\n`,
      ".git/config":
        `[core]\n\tfsmonitor = ${touch}\n\tpager = ${touch}\n[alias]\n\tstatus = !${touch}\n`,
      ".git/HEAD": "ref: refs/heads/main\n",
      ".git/hooks/post-checkout": `#!/bin/sh\n${touch}\n`,
      "tasks/lib/process/deno.ts": evil,
      "tasks/verify.ts": evil,
      "Dockerfile": "FROM evil",
    });
    Deno.chmodSync(builder.join("node_modules/.bin/esbuild"), 0o755);
    builder.change<Record<string, unknown>>("deno.json", (config) => {
      Object.assign(config, {
        tasks: { verify: touch },
        nodeModulesDir: "manual",
        preload: ["./evil.ts"],
        lint: { plugins: ["./evil.ts"] },
        workspace: ["./member"],
        links: ["./member"],
      });
    });
    const bytes = builder.join("program");
    Deno.writeFileSync(bytes, program);
    const compare = pathToFileURL(join(ROOT, "tasks/lib/builder_source/compare_source.ts")).href;
    const script = `import { compareSource } from ${JSON.stringify(compare)};
      const program = Deno.readFileSync(${JSON.stringify(bytes)});
      const { same } = await compareSource({ dir: ${JSON.stringify(builder.path)} }, program);
      console.log(same);`;
    const project = [`--config=${join(ROOT, "deno.json")}`, `--lock=${join(ROOT, "deno.lock")}`];
    const { stdout, stderr } = await outcomeOf(
      spawnDeno(["eval", ...project, script], { PRIVATE_KEY: "0xkey", INIT_CWD: builder.path }),
    );
    assert.equal(stdout, "true\n", stderr);
    assert.deepEqual(asked, []);
    assert.throws(() => Deno.statSync(ran), Deno.errors.NotFound);
  },
});
