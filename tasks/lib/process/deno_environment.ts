/**
 * The environment of a `deno` that a task starts.
 *
 * @module
 */

import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../project.ts";

/**
 * Where caches are, how a network is reached and whom it trusts. None of these changes a byte of a
 * bundle or binary; others, such as `DENO_V8_FLAGS`, `DENO_CONDITIONS` or `JSR_URL`, may.
 */
const PASSED_ON = [
  "PATH",
  "HOME",
  "USERPROFILE",
  "DENO_DIR",
  "XDG_CACHE_HOME",
  "TMPDIR",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "DENO_AUTH_TOKENS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NODE_EXTRA_CA_CERTS",
  "NPM_CONFIG_REGISTRY",
  ...["ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"].flatMap((name) => [
    name,
    name.toLowerCase(),
  ]),
];

/** What an .npmrc may name but must not get: keys, and what changes how Deno or a program runs. */
const NEVER_PASSED_ON = /PRIVATE_KEY|QUERY_SIGNATURE|^(?:DENO|JSR|LD|DYLD|NODE)_/i;

/** The variables that a `deno` started by a task gets, and no others. */
export function denoEnvironment(): Record<string, string> {
  const names = [...PASSED_ON, ...namedByNpmrc(join(homedir(), ".npmrc"))]
    .concat(namedByNpmrc(join(ROOT, ".npmrc")));
  const set = names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return { ...Object.fromEntries(set), DENO_NO_PACKAGE_JSON: "1", NO_COLOR: "1" };
}

/** The variables that npm's settings take a token or a registry from, such as `${NPM_TOKEN}`. */
function namedByNpmrc(path: string): string[] {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch {
    return [];
  }
  const settings = text.replaceAll(/^\s*[#;].*$/gm, "");
  return [...settings.matchAll(/\$\{(\w+)\??\}/g)].map(([, name]) => name!)
    .filter((name) => !NEVER_PASSED_ON.test(name));
}
