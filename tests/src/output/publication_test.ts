/** What is published, and that it is all or nothing. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { publish, type PublishedFile } from "../../../src/output/publication.ts";
import { Mounts } from "../../support/mounts.ts";

/** An output mount, and a staging folder in it as a run has it. */
class Staged implements Disposable {
  readonly mounts = new Mounts();
  readonly #own = join(this.mounts.output, ".relay-staging-test");
  readonly #folders = {
    staging: join(this.#own, "files"),
    scratch: join(this.#own, "scratch"),
    directory: this.mounts.output,
  };

  constructor(names: string[]) {
    for (const folder of [this.#folders.staging, this.#folders.scratch]) {
      Deno.mkdirSync(folder, { recursive: true });
    }
    for (const name of names) {
      Deno.mkdirSync(join(this.path(name), ".."), { recursive: true });
      Deno.writeTextFileSync(this.path(name), "new");
    }
  }

  path(name: string): string {
    return join(this.#folders.staging, name);
  }

  publish(): PublishedFile[] {
    return publish(this.#folders);
  }

  /** What is in the output besides the run's own folder. */
  names(): string[] {
    return this.mounts.outputNames().filter((name) => !name.startsWith(".relay-staging-"));
  }

  read(name: string): string {
    return Deno.readTextFileSync(join(this.mounts.output, name));
  }

  [Symbol.dispose](): void {
    this.mounts[Symbol.dispose]();
  }
}

Deno.test("all that was staged is published, in folders too, with its sizes", () => {
  using staged = new Staged(["deep/er/b.txt", "a.txt"]);
  assert.deepEqual(staged.publish(), [
    { name: "a.txt", bytes: 3 },
    { name: "deep/er/b.txt", bytes: 3 },
  ]);
  assert.deepEqual(staged.names(), ["a.txt", "deep"]);
  assert.equal(staged.read("deep/er/b.txt"), "new");
});

Deno.test("published files and folders have the usual modes, whatever the umask", () => {
  using staged = new Staged(["deep/b.txt"]);
  Deno.chmodSync(staged.path("deep/b.txt"), 0o777);
  const umask = Deno.umask(0o077);
  try {
    staged.publish();
  } finally {
    Deno.umask(umask);
  }
  const modeOf = (name: string) => Deno.statSync(join(staged.mounts.output, name)).mode! & 0o777;
  assert.deepEqual([modeOf("deep"), modeOf("deep/b.txt")], [0o755, 0o644]);
});

Deno.test("an artifact replaces an earlier file and leaves others alone", () => {
  using staged = new Staged(["a.txt"]);
  Deno.writeTextFileSync(join(staged.mounts.output, "a.txt"), "old");
  Deno.writeTextFileSync(join(staged.mounts.output, "other.txt"), "other");
  staged.publish();
  assert.equal(staged.read("a.txt"), "new");
  assert.equal(staged.read("other.txt"), "other");
});

const REFUSED: Record<string, { make(staged: Staged): void; message: RegExp }> = {
  "a symbolic link": {
    make: (staged) => Deno.symlinkSync("/etc/hostname", staged.path("x")),
    message: /The artifact x is a symbolic link, not a regular file/,
  },
  "a hard link to another file": {
    make: (staged) => Deno.linkSync(join(staged.mounts.root, "secret"), staged.path("x")),
    message: /The artifact x has a second hard link/,
  },
  "two names for one file": {
    make: (staged) => Deno.linkSync(staged.path("a.txt"), staged.path("x")),
    message: /has a second hard link/,
  },
  "a named pipe": {
    make: (staged) => void new Deno.Command("mkfifo", { args: [staged.path("x")] }).outputSync(),
    message: /The artifact x is a named pipe/,
  },
  "a name with a line break": {
    make: (staged) => Deno.writeTextFileSync(staged.path("x\ny"), ""),
    message: /The artifact name "x\\ny"/,
  },
  "a name of the run's own": {
    make: (staged) => Deno.mkdirSync(staged.path(".relay-staging-x")),
    message: /\.relay-/,
  },
  "a sparse file larger than the disk": {
    make: (staged) => Deno.truncateSync(staged.path("a.txt"), 2 ** 43),
    message: /The artifact a\.txt is a sparse file of 8\.0 TiB/,
  },
  "more than 10,000 files": {
    make(staged) {
      Deno.mkdirSync(staged.path("many"));
      for (let at = 0; at < 10_000; at++) {
        Deno.openSync(staged.path(`many/${at}`), { write: true, create: true }).close();
      }
    },
    message: /more than 10000 files/,
  },
};

for (const [what, { make, message }] of Object.entries(REFUSED)) {
  Deno.test(`${what} in the staging folder is refused, and nothing is published`, () => {
    using staged = new Staged(["a.txt", "b.txt"]);
    Deno.writeTextFileSync(join(staged.mounts.root, "secret"), "secret");
    Deno.writeTextFileSync(join(staged.mounts.output, "a.txt"), "old");
    make(staged);
    assert.throws(() => staged.publish(), message);
    assert.deepEqual(staged.names(), ["a.txt"]);
    assert.equal(staged.read("a.txt"), "old");
  });
}

Deno.test("a link or a directory in an artifact's place is refused, and nothing is published", () => {
  using staged = new Staged(["a.txt", "b.txt"]);
  Deno.mkdirSync(join(staged.mounts.output, "b.txt"));
  assert.throws(() => staged.publish(), /b\.txt is a directory already/);
  assert.deepEqual(staged.names(), ["b.txt"]);
  using linked = new Staged(["a.txt", "folder/x"]);
  Deno.symlinkSync(linked.mounts.root, join(linked.mounts.output, "folder"));
  assert.throws(() => linked.publish(), /folder is a symbolic link/);
  assert.deepEqual(linked.names(), ["folder"]);
});
