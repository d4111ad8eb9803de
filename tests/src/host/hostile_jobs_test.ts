/**
 * Hostile jobs, compiled, each attack while the job's module is loaded and again in `process`: nothing
 * arrives at a sink on loopback, nothing on the disk changes but the job's own artifacts, the exit code is
 * one of the table's, and no staging folder stays.
 */

import assert from "node:assert/strict";
import { canCompile, sharedBinary } from "../../support/artifacts.ts";
import {
  type AttackName,
  HostileScene,
  printed,
  readText,
  SECRET,
  SIGNATURE,
} from "../../support/hostile.ts";
import { ATTACKS, ENDED, TOGETHER } from "../../support/jobs/hostile/attacks.ts";
import { namesIn } from "../../support/mounts.ts";
import { type Outcome, outcomeOf } from "../../support/run.ts";

const HOSTILE = "tests/support/jobs/hostile";

const JOBS = { "at load": `${HOSTILE}/at_load.ts`, "in process": `${HOSTILE}/in_process.ts` };

/** What must come of an attack. */
interface Expected {
  /** The exit codes that are right; 3, unless said. */
  code?: number | number[];
  /** What is printed. */
  prints?: RegExp;
  /** What is published beside `witness.txt`, where the job ends well. */
  adds?: RegExp;
  /** Its staging folder may stay until the next run: a worker goes on making it. */
  leaves?: boolean;
  /** It takes seconds: run it in `process` only. */
  slow?: boolean;
  /** It fails after its end or changes what comes after it, so it has a process of its own. */
  alone?: boolean;
}

const fine: Expected = { code: 0, prints: /^/ };

/** Deno ends a process that uses an unstable API. */
const unstable: Expected = { code: 70, prints: /Unstable API/ };

/** An assertion in Deno's own code ends the process. */
const aborted: Expected = { code: 134, prints: /^/ };

const missing: Expected = { prints: /is not a (?:function|constructor)/ };

const NO_NETWORK: Expected = {
  prints: /Requires net access|ECONNREFUSED|getaddrinfo EPERM|queryA UNKNOWN|no events/,
};
const NO_FILE: Expected = { prints: /Requires (?:read|write) access/ };
const NOT_PUBLISHED: Expected = {
  prints: /The artifact .* (?:has|is|holds|begins|can't be published)/,
};

/** Every attack by its kind. What is empty is refused as its kind is. */
const ROWS: Record<Exclude<keyof typeof ATTACKS, "nothing" | "endless" | "possible">, {
  usual: Expected;
  others: Record<string, Expected>;
}> = {
  network: {
    usual: NO_NETWORK,
    others: {
      "fetch by a proxy on a Unix socket": NO_FILE,
      "Deno.connect to a Unix socket": NO_FILE,
      "Deno.connect to a virtual machine's socket": unstable,
      "Deno.listen on a Unix socket": NO_FILE,
      "Deno.listenDatagram": missing,
      "Deno.connectQuic": missing,
      "WebSocketStream": missing,
      "WebTransport": missing,
      "node:net to a Unix socket": { prints: /connect UNKNOWN/ },
      "node:net, listening": { alone: true },
      "node:dgram": { alone: true },
      "node:dgram, bound": { alone: true },
      "node:inspector, on the host": { prints: /Requires sys access/ },
      "a worker": { slow: true },
      "a worker with more rights": { prints: /Can't escalate parent thread permissions/ },
      "a worker with all rights": { prints: /Can't escalate parent thread permissions/ },
      "a worker in a worker": { slow: true },
      "a worker from a blob": { prints: /Module not found: blob:/, slow: true, alone: true },
      "a worker of node:worker_threads": { slow: true },
      "a classic worker": { prints: /Classic workers are not supported/ },
      "an operation for UDP": unstable,
      "an operation for a remote key-value store": unstable,
      "an operation for WebSocket": aborted,
      "an operation for a worker's scripts": aborted,
    },
  },
  modules: {
    usual: { prints: /Requires (?:run|ffi|env|sys) access/ },
    others: {
      "import of a remote module": { prints: /Module not found/ },
      "import of a remote module from a data: module": { prints: /Module not found/ },
      "import of an npm package": { prints: /Could not find constraint/ },
      "import of a JSR package": { prints: /Module not found/ },
      "import of a file as text": { prints: /not a valid module type/ },
      "import of a file as bytes": { prints: /not a valid module type/ },
      "require of a file": NO_FILE,
      "the host's own code": NO_FILE,
      "node:child_process": fine,
      "node:child_process, forking": { alone: true },
      "node:child_process, in a shell": { prints: /Command failed/ },
      "node:cluster": { prints: /Not implemented/ },
      "Deno.env in a fresh realm": { slow: true },
      "process.env in a fresh realm": { slow: true },
      "the signature in the environment": fine,
    },
  },
  files: {
    usual: NO_FILE,
    others: {
      // The file it makes first is an artifact, as others go on after it.
      "renaming into the output mount": { adds: /^a$/ },
      "cutting off the results": { prints: /Invalid argument/ },
      "a relative path from another folder": { alone: true },
      "SQLite on a relative path": { alone: true },
      // The name is resolved in the staging folder before SQLite sees it.
      "SQLite on a relative file: URI": { ...fine, adds: /^new\.db$/, alone: true },
      "ATTACH": { prints: /too many attached databases - max 0/ },
      "VACUUM INTO": { prints: /too many attached databases - max 0/ },
      "VACUUM INTO a bound name": { prints: /too many attached databases - max 0/ },
      "SQLite's extensions": { prints: /Requires ffi access/ },
      "load_extension": { prints: /not authorized/ },
      "SQLite's settings for the whole process": { ...fine, alone: true },
      "writable_schema": fine,
    },
  },
  staging: {
    usual: NOT_PUBLISHED,
    others: {
      "a socket": fine,
      "10,001 files": { prints: /more than 10000 files and folders/, slow: true },
      "10,001 folders": { prints: /more than 10000 files and folders/, slow: true },
      "folders as deep as a path can be": { prints: /is over 1024 bytes long/, slow: true },
      "folders deeper than the host's path can be": {
        prints: /is over 1024 bytes long/,
        slow: true,
      },
      "the host's own prefix": { prints: /begins with \.relay-/ },
      "the host's own prefix below": { prints: /begins with \.relay-/ },
      "a name with a line break": {
        prints: /The artifact name "a\\nb" holds a control or an invisible character/,
      },
      "a name with an escape sequence": { prints: /The artifact name "\\u001b\[31m" holds/ },
      "a name with a backslash": { prints: /holds a backslash/ },
      "a name of over 255 bytes": { prints: /File name too long/ },
      "no staging folder": { prints: /folder is gone/ },
      "a file for a staging folder": { prints: /folder is gone: it is no directory any more/ },
      "a working folder that is gone": fine,
      "a working folder in staging": fine,
      "a umask": fine,
      // Mostly Deno ends such a worker after two seconds; else nothing is published.
      "a worker that goes on writing": {
        code: [0, 3],
        prints: /^/,
        adds: /^(?:late|more)\.txt$/,
        leaves: true,
        slow: true,
      },
      "a worker that makes the folders again": { prints: /failed: done/, slow: true },
      "a worker in SQL without end": { prints: /went on for 5 s after its end/, slow: true },
      "a worker on an idle timer": { ...fine, slow: true },
      "writes that aren't awaited": { ...fine, adds: /^\d+$/ },
      "the rights of its own folder": fine,
      "a failure with folders without rights": { prints: /failed: done/ },
    },
  },
  ends: {
    usual: { prints: /The job hostile failed: / },
    others: {
      // Until the SDK has been loaded, Node's handler may take it.
      "an error that Node's handler takes": { code: [0, 3], prints: /^/ },
      "an operation that exits": fine,
      "a forged end, then self.close": fine,
      "process.abort": aborted,
      "an operation that panics": aborted,
      "memory without end": { code: 133, prints: /heap/, slow: true },
      "SQL's memory without end": { prints: /out of memory/, slow: true },
      "the standard streams closed": fine,
      "the process's own event loop": { code: [101, 134], prints: /^/ },
      "the process's title": fine,
    },
  },
  messages: {
    usual: fine,
    others: {
      "a value with getters": { code: 3, prints: /failed: on purpose/ },
      "a failure of 100 MB": { code: 3, prints: /failed: x{100,20000}\.\.\./ },
      "a failure that forges log lines": {
        code: 3,
        prints:
          /failed: \\u\{1b\}\[2J\\u\{202e\}evil\\n2026.* \(at \\u\{1b\}\[31mmain\.ts:1:1\\n2026/,
      },
      "a failure of no shape": { code: 3, prints: /failed: no message/ },
      "a failure after the end": { code: 3, prints: /failed: forged/ },
      // At load, it breaks the SDK too.
      "replaced globals": { code: [0, 3], prints: /^/ },
      "a replaced postMessage": { code: 3, prints: /failed: forged/ },
    },
  },
};

/** Kinds whose attacks are refused one by one, so that one process can try them all. */
const KINDS_TOGETHER: readonly string[] = ["network", "modules", "files"];

function isTogether(kind: string, { code = 3, alone = false }: Expected): boolean {
  return KINDS_TOGETHER.includes(kind) && !alone &&
    [code].flat().every((code) => code === 0 || code === 3);
}

/** What holds after every attack. */
function checkScene(
  scene: HostileScene,
  before: Record<string, string>,
  { outcome, adds = /^$/, leaves = false }: { outcome: Outcome; adds?: RegExp; leaves?: boolean },
): void {
  const { code } = outcome;
  assert.deepEqual(scene.arrived, []);
  assert.ok(!printed(outcome).includes(SIGNATURE.slice(2)), "the signature was printed");
  assert.doesNotMatch(printed(outcome), new RegExp(`LEAKED|${SECRET}`));
  assert.deepEqual(namesIn("/tmp").filter((name) => name.startsWith("relay-attack-")), []);
  const after = scene.record();
  for (const path of Object.keys(after)) {
    const name = path.replace(/^output\//, "");
    const added = code === 0 && path !== name && (name === "witness.txt" || adds.test(name));
    const left = leaves && name.startsWith(".relay-staging-");
    if (before[path] === undefined && (added || left)) delete after[path];
  }
  assert.deepEqual(after, before);
}

async function attack(
  job: string,
  name: AttackName,
  { code = 3, prints, adds, leaves }: Expected,
): Promise<void> {
  await using scene = await HostileScene.create();
  const before = scene.record();
  const binary = await sharedBinary(job, HOSTILE);
  const outcome = await outcomeOf(scene.spawn(binary, name));
  const { stderr } = outcome;
  assert.ok([code].flat().includes(outcome.code), `${outcome.code}: ${stderr}`);
  assert.match(stderr, prints!);
  // A process that died leaves its staging folder to the next run.
  const left = leaves || ![0, 3].includes(outcome.code);
  checkScene(scene, before, { outcome, adds, leaves: left });
  if (!left) return;
  const next = await outcomeOf(scene.spawn(binary, { kind: "nothing", name: "nothing" }));
  assert.equal(next.code, 0, next.stderr);
  checkScene(scene, before, { outcome: next, adds });
}

/**
 * Tries many attacks in one process.
 *
 * @returns What each threw; `null` if nothing.
 */
async function attackTogether(
  job: string,
  attacks: (AttackName & { expected: Expected })[],
): Promise<Map<string, string | null>> {
  await using scene = await HostileScene.create();
  const before = scene.record();
  const names = JSON.stringify(attacks.map(({ kind, name }) => [kind, name]));
  const binary = await sharedBinary(job, HOSTILE);
  const outcome = await outcomeOf(scene.spawn(binary, { kind: TOGETHER, name: names }));
  assert.equal(outcome.code, 0, outcome.stderr);
  const adds = attacks.flatMap(({ expected: { adds } }) => adds === undefined ? [] : [adds.source]);
  checkScene(scene, before, { outcome, adds: new RegExp(adds.join("|") || "^$") });
  const lines = outcome.stderr.split("\n").filter((line) => line.startsWith(ENDED));
  return new Map(lines.map((line) => {
    const [, name, thrown] = JSON.parse(line.slice(ENDED.length));
    return [name, thrown];
  }));
}

function checkThrown(thrown: string | null | undefined, { code = 3, prints }: Expected): void {
  assert.ok(thrown !== undefined, "it didn't end");
  assert.ok([code].flat().includes(thrown === null ? 0 : 3), `it threw ${thrown}`);
  if (thrown !== null) assert.match(thrown, prints!);
}

for (const [when, job] of Object.entries(JOBS)) {
  for (
    const [kind, { usual, others }] of Object.entries(ROWS) as [
      keyof typeof ROWS,
      typeof ROWS["files"],
    ][]
  ) {
    const attacks = Object.keys(ATTACKS[kind]).map((name) => ({
      kind,
      name,
      expected: { ...usual, ...others[name] },
    })).filter(({ expected }) =>
      !expected.slow || when === "in process" || isTogether(kind, expected)
    );
    const together = attacks.filter(({ expected }) => isTogether(kind, expected));
    let running: ReturnType<typeof attackTogether> | undefined;
    for (const { name, expected } of attacks) {
      Deno.test({
        name: `a hostile job attacks ${when} (${kind}): ${name}`,
        ignore: !canCompile,
        async fn() {
          if (!isTogether(kind, expected)) return await attack(job, { kind, name }, expected);
          checkThrown((await (running ??= attackTogether(job, together))).get(name), expected);
        },
      });
    }
  }

  for (const name of Object.keys(ATTACKS.endless)) {
    Deno.test({
      name: `a hostile job that never ends (${when}) is ended by SIGTERM: ${name}`,
      ignore: !canCompile,
      async fn() {
        await using scene = await HostileScene.create();
        const before = scene.record();
        const child = scene.spawn(await sharedBinary(job, HOSTILE), { kind: "endless", name });
        const stderr = readText(child.stderr);
        const stdout = readText(child.stdout);
        await stderr.until(/READY/);
        const asked = performance.now();
        child.kill("SIGTERM");
        const { code } = await child.status;
        const took = performance.now() - asked;
        assert.ok(took < 2000, `it took ${took} ms`);
        assert.equal(code, 143);
        checkScene(scene, before, {
          outcome: { code, stdout: await stdout.all, stderr: await stderr.all },
        });
        assert.deepEqual(namesIn(scene.mounts.output), ["old.txt"]);
      },
    });
  }
}

Deno.test("every attack that is named in the table exists", () => {
  for (const [kind, { others }] of Object.entries(ROWS)) {
    const names = Object.keys(ATTACKS[kind as keyof typeof ROWS]);
    assert.deepEqual(Object.keys(others).filter((name) => !names.includes(name)), []);
  }
});
