/**
 * Looks at the certificates that are trusted.
 *
 * @module
 */

import { isDirectory, isFile } from "../../../src/files.ts";
import type { Probe } from "./examination.ts";

const FILES = ["DENO_CERT", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];
const FOLDER = "SSL_CERT_DIR";

/** The certificates, and the variables that add to them. */
export const certificatesProbe: Probe = {
  name: "certificates",
  neededFor: "https, for example behind a company's proxy with its own root certificate",
  remedy:
    "name a file of certificates in PEM form (the folder for SSL_CERT_DIR), or unset the variable",
  // deno-lint-ignore require-await
  async look() {
    const store = Deno.env.get("DENO_TLS_CA_STORE") || "mozilla";
    const given = [...FILES, FOLDER].flatMap((name) => {
      const path = Deno.env.get(name);
      return path ? [{ name, path, problem: problemOf(name, path) }] : [];
    });
    const problems = given.flatMap(({ name, path, problem }) =>
      problem === undefined ? [] : [`${name} names ${path}, ${problem}`]
    );
    if (problems.length > 0) {
      return {
        status: "missing",
        seen: problems.join("; "),
      };
    }
    const added = given.map(({ name, path }) => ` and ${path} (${name})`).join("");
    return { status: "ok", seen: `the roots of ${store.split(",").join(" and ")}${added}` };
  },
};

function problemOf(name: string, path: string): string | undefined {
  if (name === FOLDER) return isDirectory(path) ? undefined : "which isn't a folder";
  if (!isFile(path)) return "which isn't a file";
  return Deno.readTextFileSync(path).includes("-----BEGIN CERTIFICATE-----")
    ? undefined
    : "which holds no certificate in PEM form";
}
