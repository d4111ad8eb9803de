/**
 * The smallest program for Linux on amd64: it exits with 0, as `/bin/true` does, and needs no library.
 *
 * @module
 */

const HEADER_BYTES = 64;
const SEGMENT_BYTES = 56;
const LOADED_AT = 0x400000n;

/** mov eax, 60 (exit); xor edi, edi; syscall */
const CODE = [0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 0x05];

/** Writes the program to a file. */
export function writeTrueBinary(path: string): void {
  const start = HEADER_BYTES + SEGMENT_BYTES;
  const bytes = new Uint8Array(start + CODE.length);
  const view = new DataView(bytes.buffer);
  const size = BigInt(bytes.length);
  view.setUint32(0, 0x7f454c46);
  view.setUint32(4, 0x02010100); // 64 bits, little-endian
  view.setUint16(16, 2, true); // an executable
  view.setUint16(18, 62, true); // x86-64
  view.setUint32(20, 1, true);
  view.setBigUint64(24, LOADED_AT + BigInt(start), true); // entry
  view.setBigUint64(32, BigInt(HEADER_BYTES), true); // where segments are described
  view.setUint16(52, HEADER_BYTES, true);
  view.setUint16(54, SEGMENT_BYTES, true);
  view.setUint16(56, 1, true);
  const segment = HEADER_BYTES;
  view.setUint32(segment, 1, true); // to load
  view.setUint32(segment + 4, 5, true); // readable and executable
  view.setBigUint64(segment + 16, LOADED_AT, true);
  view.setBigUint64(segment + 24, LOADED_AT, true);
  view.setBigUint64(segment + 32, size, true);
  view.setBigUint64(segment + 40, size, true);
  view.setBigUint64(segment + 48, 0x1000n, true); // alignment
  bytes.set(CODE, start);
  Deno.writeFileSync(path, bytes, { mode: 0o755 });
}
