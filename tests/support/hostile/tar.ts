/** Changes of the tars: that of the archive, and that of the job's layer. */

import { Buffer } from "node:buffer";
import type { ArchiveChanges } from "../archive_parts.ts";
import { paxEntry, type RawEntry, rawTar } from "../hostile_tar.ts";

type ChangeEntries = (entries: RawEntry[]) => RawEntry[];

/** Puts entries before all others. */
function before(...added: RawEntry[]): ChangeEntries {
  return (entries) => [...added, ...entries];
}

/** Puts entries behind all others. */
function behind(...added: RawEntry[]): ChangeEntries {
  return (entries) => [...entries, ...added];
}

/** Puts entries before the last one. */
function beforeLast(...added: RawEntry[]): ChangeEntries {
  return (entries) => [...entries.slice(0, -1), ...added, entries.at(-1)!];
}

/** Changes the last entry: in the archive the job's layer, in the layer the program. */
function last(change: Partial<RawEntry>): ChangeEntries {
  return (entries) => [...entries.slice(0, -1), { ...entries.at(-1)!, ...change }];
}

/** Changes some bytes of the last entry's header. */
function lastHeader(at: number, bytes: string): ChangeEntries {
  return last({ edit: (header) => header.set(Buffer.from(bytes), at) });
}

const EVIL: RawEntry = { name: "etc/ld.so.preload", data: "/evil.so\n" };

/** An entry of each type that tars have, besides plain files. */
const TYPES: Record<string, string> = {
  "hard link": "1",
  "symlink": "2",
  "character device": "3",
  "block device": "4",
  "folder": "5",
  "fifo": "6",
  "contiguous file": "7",
  "file of old tars": "\0",
  "access list": "A",
  "dump folder": "D",
  "inode": "I",
  "continuation": "M",
  "old long name": "N",
  "sparse file": "S",
  "volume": "V",
  "pax header of Solaris": "X",
  "unknown type": "Z",
};

/** Changes of entries, which fit every tar. */
const ENTRY_CHANGES: Record<string, ChangeEntries> = {
  ...Object.fromEntries(
    Object.entries(TYPES).flatMap(([what, type]) => [
      [`an entry of type ${what}`, before({ name: "evil", type, linkname: "relay" })],
      [`its last file as ${what}`, last({ type, linkname: "relay" })],
    ]),
  ),
  "a long name": before({ name: "././@LongLink", type: "L", data: "etc/ld.so.preload\0" }),
  "a long link name": before({ name: "././@LongLink", type: "K", data: "/etc/passwd\0" }),
  "a global size": before(paxEntry({ size: "1" }, "g")),
  "a global size before the last file": beforeLast(paxEntry({ size: "512" }, "g")),
  "a global name": before(paxEntry({ path: "evil" }, "g")),
  "a global comment": before(paxEntry({ comment: "evil" }, "g")),
  "a size": beforeLast(paxEntry({ size: "1024" })),
  "a name": beforeLast(paxEntry({ path: "evil" })),
  "the same name again": (entries) => beforeLast(paxEntry({ path: entries.at(-1)!.name }))(entries),
  "a time": beforeLast(paxEntry({ mtime: "1" })),
  "an owner": beforeLast(paxEntry({ uid: "1000" })),
  "a capability": beforeLast(paxEntry({ "SCHILY.xattr.security.capability": "x" })),
  "a sparse map": beforeLast(paxEntry({ "GNU.sparse.major": "1", "GNU.sparse.name": "evil" })),
  "a pax header of length zero": before({ name: "pax", type: "x" }),
  "one more file": behind(EVIL),
  "one more file before": before(EVIL),
  "an empty file": behind({ name: "empty" }),
  "the last file twice": (entries) => [...entries, entries.at(-1)!],
  "another file of the last one's name": (entries) =>
    behind({ ...entries.at(-1)!, data: "evil" })(entries),
  "another file of the last one's name before": (entries) =>
    before({ ...entries.at(-1)!, data: "evil" })(entries),
  "an absolute name": (entries) => last({ name: `/${entries.at(-1)!.name}` })(entries),
  "a name with a dot": (entries) => last({ name: `./${entries.at(-1)!.name}` })(entries),
  "a name that leads out": (entries) => last({ name: `../${entries.at(-1)!.name}` })(entries),
  "a name with a slash": (entries) => last({ name: `${entries.at(-1)!.name}/` })(entries),
  "a name with bytes behind its end": (entries) =>
    lastHeader(entries.at(-1)!.name.length + 1, "evil")(entries),
  "a prefix": lastHeader(345, "evil"),
  "another mode": last({ mode: 0o777 }),
  "a setuid bit": last({ mode: 0o4755 }),
  "another uid": last({ uid: 1 }),
  "another gid": last({ gid: 1 }),
  "another mtime": last({ mtime: 1 }),
  "a negative mtime": last({ mtime: -1 }),
  "a link name": last({ linkname: "/etc/passwd" }),
  "a user name": lastHeader(265, "evil"),
  "a group name": lastHeader(297, "evil"),
  "a device number": lastHeader(329, "0000001"),
  "a version": lastHeader(263, "01"),
  "GNU's magic": lastHeader(257, "ustar  \0"),
  "no magic": lastHeader(257, "\0\0\0\0\0\0"),
  "bytes in the header's rest": lastHeader(500, "evil"),
  "a size with spaces": (entries) => {
    const { length } = entries.at(-1)!.data!;
    return lastHeader(124, `${length.toString(8).padStart(11)}\0`)(entries);
  },
  "a size in binary": (entries) => {
    const { length } = entries.at(-1)!.data!;
    return last({
      edit(header) {
        header.fill(0, 124, 136);
        header[124] = 0x80;
        new DataView(header.buffer).setUint32(132, length);
      },
    })(entries);
  },
  "too large a size": last({ size: 8 ** 11 - 1 }),
  "too small a size": last({ size: 1 }),
  "bytes in its padding": (entries) => entries.map((entry) => ({ ...entry, padding: 1 })),
  "other order": (entries) => entries.toReversed(),
};

/** Changes of a tar behind its entries. */
const END_CHANGES: Record<string, (tar: Uint8Array) => Uint8Array> = {
  "no end": (tar) => tar.subarray(0, -1024),
  "half an end": (tar) => tar.subarray(0, -512),
  "a longer end": (tar) => Buffer.concat([tar, new Uint8Array(8192)]),
  "bytes behind its end": (tar) => Buffer.concat([tar, Buffer.from("evil".repeat(128))]),
  "a tar behind its end": (tar) => Buffer.concat([tar, rawTar([EVIL])]),
  "bytes in its end": (tar) => Buffer.from(tar).fill(1, tar.length - 1),
};

/** Changes of an archive's own tar. */
export const HOSTILE_TAR: Record<string, ArchiveChanges> = {
  ...named("", ENTRY_CHANGES, (entries) => ({ entries })),
  ...named("", END_CHANGES, (tar) => ({ tar })),
  "a blob that nothing names": {
    entries: (entries) => {
      const blob = "evil";
      return [...entries, { name: `blobs/sha256/${"0".repeat(64)}`, data: blob }];
    },
  },
  "a file for older tools": {
    entries: (entries) => [...entries, { name: "repositories", data: "{}" }],
  },
  "its folders": {
    entries: (entries) => [{ name: "blobs/", type: "5", mode: 0o755 }, ...entries],
  },
};

/** Changes of the tar of the job's layer. */
export const HOSTILE_LAYER: Record<string, ArchiveChanges> = {
  // A single entry has no other order.
  ...named("", withoutKey(ENTRY_CHANGES, "other order"), (jobEntries) => ({ jobEntries })),
  ...named("", END_CHANGES, (change) => ({
    layers: (tars) => [...tars.slice(0, -1), change(tars.at(-1)!)],
  })),
  "a whiteout": { jobEntries: before({ name: "etc/.wh.passwd" }) },
  "an opaque folder": { jobEntries: before({ name: "etc/.wh..wh..opq" }) },
  "a symlink before the program": {
    jobEntries: before({ name: "lib", type: "2", linkname: "/evil" }),
  },
  "no entries": { jobEntries: () => [] },
};

function named<T>(
  prefix: string,
  changes: Record<string, T>,
  make: (change: T) => ArchiveChanges,
): Record<string, ArchiveChanges> {
  return Object.fromEntries(
    Object.entries(changes).map(([what, change]) => [prefix + what, make(change)]),
  );
}

function withoutKey<T>(record: Record<string, T>, key: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => name !== key));
}
