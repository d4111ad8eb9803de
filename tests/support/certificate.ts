/**
 * Certificates for servers on this machine, made by openssl.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";

/**
 * Makes a certificate authority (`ca.pem`), and a certificate of it (`cert.pem`, `key.pem`).
 *
 * @param name Whose certificate it is: `IP:127.0.0.1`, `DNS:example.com`.
 */
export async function makeCertificate(folder: string, name: string): Promise<void> {
  const openssl = async (...args: string[]) => {
    const { success } = await new Deno.Command("openssl", { args, cwd: folder, stderr: "null" })
      .output();
    assert.ok(success, `openssl ${args[0]}`);
  };
  const key = ["-newkey", "rsa:2048", "-nodes", "-days", "2"];
  Deno.writeTextFileSync(
    join(folder, "extensions"),
    `subjectAltName=${name}\nbasicConstraints=CA:FALSE\n`,
  );
  await openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=CA");
  await openssl("req", ...key, "-keyout", "key.pem", "-out", "request", "-subj", "/CN=here");
  await openssl(
    ...["x509", "-req", "-in", "request", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"],
    ...["-days", "2", "-extfile", "extensions", "-out", "cert.pem"],
  );
}
