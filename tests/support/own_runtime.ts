/**
 * A cache of Deno's that holds a runtime as if Deno had downloaded it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { TARGET } from "../../tasks/lib/binary/compile_program.ts";

/**
 * Makes a cache in which all but the runtime is that of this Deno.
 *
 * @param folder An empty folder for it.
 * @param runtime The runtime's bytes.
 * @returns The variables by which Deno uses it.
 */
export async function withOwnRuntime(
  folder: string,
  runtime: Uint8Array,
): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout));
  for (const { name } of Deno.readDirSync(denoDir)) {
    if (name !== "dl") Deno.symlinkSync(join(denoDir, name), join(folder, name));
  }
  const release = join(folder, `dl/release/v${Deno.version.deno}`);
  Deno.mkdirSync(release, { recursive: true });
  Deno.writeFileSync(join(release, `denort-${TARGET}.zip`), zipOf("denort", runtime));
  return { DENO_DIR: folder, DENORT_BIN: "" };
}

/** A ZIP archive of one file, which isn't compressed. */
function zipOf(name: string, bytes: Uint8Array): Uint8Array {
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(bytes.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), common, Buffer.from(name)]);
  const central = Buffer.concat([
    Buffer.from("PK\x01\x02\x14\x03"),
    common,
    // Comment, disk and internal attributes; the mode of a program; the offset of the file.
    Buffer.alloc(6),
    Buffer.from([0, 0, 0xed, 0x81]),
    Buffer.alloc(4),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length + bytes.length, 12);
  return Buffer.concat([local, bytes, central, Buffer.from("PK\x05\x06"), end]);
}
