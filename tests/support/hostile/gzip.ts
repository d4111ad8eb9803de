/** Changes of the gzip around an archive's tar. */

import { Buffer } from "node:buffer";
import { deflateRawSync, gzipSync } from "node:zlib";
import type { ArchiveChanges } from "../archive_parts.ts";
import { rawTar } from "../hostile_tar.ts";

const HEADER_BYTES = 10;

/** A gzip with these fields between header and data, as the flag announces. */
function withFields(flag: number, fields: Uint8Array): ArchiveChanges {
  return {
    gzip(bytes) {
      const header = bytes.slice(0, HEADER_BYTES);
      header[3] = flag;
      return Buffer.concat([header, fields, bytes.subarray(HEADER_BYTES)]);
    },
  };
}

function withByte(at: number, value: number): ArchiveChanges {
  return { gzip: (bytes) => bytes.with(at < 0 ? bytes.length + at : at, value) };
}

function followedBy(behind: Uint8Array): ArchiveChanges {
  return { gzip: (bytes) => Buffer.concat([bytes, behind]) };
}

const OTHER_TAR = rawTar([{ name: "index.json", data: "{}" }]);

/** Changes of an archive's gzip. */
export const HOSTILE_GZIP: Record<string, ArchiveChanges> = {
  "text flag": withByte(3, 1),
  "header checksum": withFields(2, Buffer.from([0, 0])),
  "extra field": withFields(4, Buffer.from([4, 0, 1, 2, 3, 4])),
  "file name": withFields(8, Buffer.from("evil.tar\0")),
  "comment": withFields(16, Buffer.from("evil\0")),
  "time": withByte(4, 1),
  "hint at the level": withByte(8, 2),
  "system": withByte(9, 0),
  "method": withByte(2, 7),
  "wrong checksum": { gzip: (bytes) => bytes.with(bytes.length - 8, bytes.at(-8)! ^ 1) },
  "wrong length": { gzip: (bytes) => bytes.with(bytes.length - 1, bytes.at(-1)! ^ 1) },
  "zeros behind it": followedBy(new Uint8Array(512)),
  "bytes behind it": followedBy(Buffer.from("evil")),
  "an empty member behind it": followedBy(gzipSync("")),
  "another tar as a member behind it": followedBy(gzipSync(OTHER_TAR)),
  "another tar as a member before it": {
    gzip: (bytes) => Buffer.concat([gzipSync(OTHER_TAR), bytes]),
  },
  "two members": {
    compress: (tar) => Buffer.concat([gzipSync(tar.subarray(0, 512)), gzipSync(tar.subarray(512))]),
  },
  "another level": { compress: (tar) => gzipSync(tar, { level: 9 }) },
  "stored blocks": { compress: (tar) => gzipSync(tar, { level: 0 }) },
  "an empty block": {
    gzip: (bytes) =>
      // A raw deflate of nothing, flushed, ends on a whole byte and isn't the last block.
      Buffer.concat([
        bytes.subarray(0, HEADER_BYTES),
        Uint8Array.of(0, 0, 0, 0xff, 0xff),
        bytes.subarray(HEADER_BYTES),
      ]),
  },
  "bytes behind the last block": {
    compress: (tar) => {
      const whole = gzipSync(tar);
      const trailer = whole.subarray(-8);
      return Buffer.concat([
        whole.subarray(0, HEADER_BYTES),
        deflateRawSync(tar),
        Buffer.from("evil"),
        trailer,
      ]);
    },
  },
  "cut short": { gzip: (bytes) => bytes.subarray(0, -1) },
  "no gzip": { compress: (tar) => tar },
  "twice": { gzip: (bytes) => gzipSync(bytes) },
};
