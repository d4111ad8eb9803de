/**
 * SQLite files from outside: what their header says, and how to make them openable.
 *
 * @module
 */

import { join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { copyFile } from "../copy_file.ts";
import { messageOf, ResultsError } from "../errors.ts";
import { setMode } from "../files.ts";

/** What a SQLite file's header says of it. */
export interface DatabaseHeader {
  /** Bytes a page. */
  pageSize: number;
  /** Pages the file should have, or `undefined` where the header doesn't say reliably. */
  pageCount?: number;
  /** In write-ahead-log mode: latest rows may be in the `-wal` file, and opening needs a writable folder. */
  wal: boolean;
}

const HEADER_BYTES = 100;
const ZEROS_AT_ONCE = 64 * 1024;
const MAGIC = "SQLite format 3\0";

/**
 * Reads and checks a SQLite file's header and length, without opening the database.
 *
 * @param path The file.
 * @param name What messages call it.
 * @throws {ResultsError} The file is missing, empty, of another kind, or not as long as its header says.
 */
export function readDatabaseHeader(path: string, name: string = path): DatabaseHeader {
  const bytes = new Uint8Array(HEADER_BYTES);
  let length = 0;
  let size: number;
  try {
    using file = Deno.openSync(path);
    const info = file.statSync();
    if (!info.isFile) throw new ResultsError(`${name} is not a file; expected a SQLite database`);
    size = info.size;
    while (length < HEADER_BYTES) {
      const read = file.readSync(bytes.subarray(length));
      if (read === null) break;
      length += read;
    }
  } catch (error) {
    if (error instanceof ResultsError) throw error;
    if (error instanceof Deno.errors.NotFound) {
      throw new ResultsError(`${name} doesn't exist; expected a SQLite database`);
    }
    throw new ResultsError(`Can't read ${name}: ${messageOf(error)}`);
  }
  if (length === 0) {
    throw new ResultsError(`${name} is empty (0 bytes); expected a SQLite database`, {
      truncated: true,
    });
  }
  const head = bytes.subarray(0, length);
  if (new TextDecoder("latin1").decode(head.subarray(0, MAGIC.length)) !== MAGIC) {
    throw new ResultsError(`${name} is ${guessKind(head)}; expected a SQLite database`);
  }
  if (length < HEADER_BYTES) {
    throw new ResultsError(
      `${name} is truncated: expected at least ${HEADER_BYTES} bytes, got ${length}`,
      { truncated: true },
    );
  }
  // Offsets: https://www.sqlite.org/fileformat2.html#the_database_header
  const view = new DataView(bytes.buffer);
  const pageSize = view.getUint16(16) === 1 ? 65536 : view.getUint16(16);
  if (pageSize < 512 || (pageSize & (pageSize - 1)) !== 0) {
    throw new ResultsError(
      `${name} is damaged: its header gives a page size of ${pageSize} bytes; expected a power of ` +
        "two from 512 to 65536",
    );
  }
  const wal = view.getUint8(18) === 2 || view.getUint8(19) === 2;
  // The count holds only if the last writer knew of it (offset 92), and outside WAL mode.
  const counted = view.getUint32(24) === view.getUint32(92) && view.getUint32(28) > 0;
  const pageCount = counted && !wal ? view.getUint32(28) : undefined;
  const expected = pageCount === undefined
    ? Math.ceil(size / pageSize) * pageSize
    : pageCount * pageSize;
  if (size < expected) {
    throw new ResultsError(`${name} is truncated: expected ${expected} bytes, got ${size}`, {
      truncated: true,
    });
  }
  if (size > expected && (size % pageSize !== 0 || !isZero(path, expected))) {
    throw new ResultsError(
      `${name} has bytes after its end: expected ${expected} bytes, got ${size}`,
    );
  }
  return { pageSize, pageCount, wal };
}

/** Whether a file holds zeros only from an offset on, as one that was given its room in advance does. */
function isZero(path: string, offset: number): boolean {
  using file = Deno.openSync(path);
  file.seekSync(offset, Deno.SeekMode.Start);
  const buffer = new Uint8Array(ZEROS_AT_ONCE);
  for (;;) {
    const read = file.readSync(buffer);
    if (read === null) return true;
    if (buffer.subarray(0, read).some((byte) => byte !== 0)) return false;
  }
}

/** Names what a file that isn't SQLite seems to be. */
function guessKind(head: Uint8Array): string {
  const text = new TextDecoder().decode(head).replace(/^\uFEFF/, "").trimStart().toLowerCase();
  if (text.startsWith("<!doctype html") || text.startsWith("<html") || text.startsWith("<head")) {
    return "an HTML page";
  }
  if (text.startsWith("<?xml") || text.startsWith("<error")) return "an XML document";
  if (text.startsWith("{") || text.startsWith("[")) return "a JSON document";
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip-compressed data";
  if (MAGIC.startsWith(new TextDecoder("latin1").decode(head))) return "truncated";
  return "encrypted or not a database";
}

/** A settled database, and whether it had to differ from the file it was made from. */
export interface SettledDatabase {
  /** The file to open. */
  path: string;
  /** The file that holds all the rows: the original, unless rows stood in a file beside it. */
  complete: string;
}

/**
 * Makes a database openable for reading only, wherever it lies. A database in WAL mode, or with a
 * journal left by a killed writer, is copied into `folder` by SQLite's own backup (so rows still in
 * the `-wal` file come along) and put into the default journal mode; any other is left where it is.
 *
 * @param path A SQLite file.
 * @param folder Where a copy may be made; it must exist.
 * @throws {ResultsError} As {@linkcode readDatabaseHeader}, or the database can't be copied.
 */
export async function settleDatabase(path: string, folder: string): Promise<SettledDatabase> {
  const { wal } = readDatabaseHeader(path);
  const sidecars = SIDECARS.filter((suffix) => suffix !== "-shm" && sizeOf(path + suffix) > 0);
  if (!wal && !sidecars.includes("-journal")) return { path, complete: path };
  const copy = join(folder, "settled.db");
  try {
    try {
      using source = new DatabaseSync(path, { readOnly: true });
      await backup(source, copy);
    } catch {
      // On a read-only mount SQLite can't open such a file at all: it works on a copy with its sidecars.
      await copyFile(path, copy);
      setMode(copy, 0o600);
      for (const suffix of sidecars) await copyFile(path + suffix, copy + suffix);
    }
    using settled = new DatabaseSync(copy);
    settled.exec("PRAGMA journal_mode = DELETE");
  } catch (error) {
    throw new ResultsError(
      `${path} is in SQLite's WAL mode or has a journal, and can't be copied to be read: ${
        messageOf(error)
      }`,
    );
  }
  return { path: copy, complete: sidecars.length === 0 ? path : copy };
}

/** What SQLite puts beside a database; next to another database of that name they would damage it. */
export const SIDECARS: readonly string[] = ["-wal", "-shm", "-journal"];

/** A file's size in bytes; 0 when there is none. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
