// Prints the path of anvil's program. It runs as a process of its own, with the lock file anvil.lock, so
// that no other task downloads anvil; its package is an argument, as an import would be checked with all.

import { createRequire } from "node:module";

const [wrapper = ""] = Deno.args;
const system = Deno.build.os === "windows" ? "win32" : Deno.build.os;
const machine = Deno.build.arch === "aarch64" ? "arm64" : "amd64";
const program = Deno.build.os === "windows" ? "anvil.exe" : "anvil";

// Downloads it; until then, the specifier leads nowhere.
await import(`${wrapper}/package.json`, { with: { type: "json" } });
const { resolve } = createRequire(import.meta.resolve(wrapper));
const path = resolve(`@foundry-rs/anvil-${system}-${machine}/bin/${program}`);
await Deno.stdout.write(new TextEncoder().encode(path));
