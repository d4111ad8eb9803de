// Runs before a task that runs or builds a job: says in this project's words that deno.lock isn't up to
// date, where Deno would advise a command that doesn't help here. It imports no library, as none may be
// available then.

import { writeAll } from "../src/files.ts";

/** The libraries that the import map names, as a lock file lists them. */
function namedLibraries(): string[] {
  const { imports } = JSON.parse(Deno.readTextFileSync("import_map.json"));
  const named = Object.values<string>(imports).flatMap((specifier) => {
    const [, name, version = "*"] =
      /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@([^/]+))?(?:\/.*)?$/.exec(specifier) ?? [];
    return name === undefined ? [] : [`npm:${name}@${version}`];
  });
  return [...new Set(named)];
}

const { workspace } = JSON.parse(Deno.readTextFileSync("deno.lock"));
const locked: string[] = workspace?.dependencies ?? [];
const named = namedLibraries();
const missing = named.filter((library) => !locked.includes(library));
const left = locked.filter((library) => !named.includes(library));
if (missing.length > 0 || left.length > 0) {
  const changes = [
    ...missing.map((library) => `it has no ${library}`),
    ...left.map((library) => `it still has ${library}`),
  ];
  const message =
    `error: deno.lock isn't up to date with import_map.json: ${changes.join(", ")}. ` +
    "Run `deno task lock`. To add a library to both, run `deno task add npm:NAME`\n";
  writeAll(Deno.stderr, new TextEncoder().encode(message));
  Deno.exit(1);
}
