/**
 * Reads files of a builder's checkout as data. The folder is a stranger's: nothing in it is run, and no
 * link leads out of it.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { messageOf } from "../../../src/errors.ts";
import { isDirectory } from "../../../src/files.ts";
import { formatBytes } from "../../../src/format_bytes.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** What a program can be made of. */
const MODULE = /\.(?:[cm]?[jt]s|[jt]sx|json)$/;
/** Settings of tools that could change what a program is made of. */
const SETTINGS = /^(?:package(?:-lock)?|deno|jsr|import_map|[jt]sconfig.*)\.json$/;
const FOREIGN_FOLDERS = ["node_modules", "vendor"];
const MOST_FILES = 2000;
const LARGEST_FILE_BYTES = 4 << 20;
const MOST_BYTES = 32 << 20;
const LONGEST_PATH = 1000;

/** A folder of which single files are read, within limits for all of them. */
export class SourceFolder {
  readonly #path: string;
  #files = 0;
  #bytes = 0;

  /**
   * @param path The folder.
   * @throws {ToolError} It isn't a folder.
   */
  constructor(path: string) {
    if (!isDirectory(path)) {
      throw new ToolError(`${path} isn't a folder; expected the builder's checkout`);
    }
    this.#path = Deno.realPathSync(path);
  }

  /**
   * Reads a module.
   *
   * @param path Its path in the folder, with `/` between names.
   * @returns `undefined` if there is no such file.
   * @throws {ToolError} It isn't a module's file, or a limit is reached.
   */
  readModule(path: string): Uint8Array<ArrayBuffer> | undefined {
    const names = path.split("/");
    if (path.startsWith("/") || names.includes("..")) {
      throw refusal(path, "it isn't a path inside the folder");
    }
    const hidden = names.find((name) => name.startsWith("."));
    if (hidden !== undefined) throw refusal(path, "hidden files and folders aren't read");
    const foreign = names.find((name) => FOREIGN_FOLDERS.includes(name));
    if (foreign !== undefined) throw refusal(path, `the folder ${foreign} isn't read`);
    if (SETTINGS.test(basename(path))) throw refusal(path, "a tool's settings aren't read");
    if (!MODULE.test(path)) {
      throw refusal(path, "it is neither TypeScript, nor JavaScript, nor JSON by its name");
    }
    return this.#read(path);
  }

  /**
   * Reads a file of settings in the folder itself: `deno.json`, `deno.lock`.
   *
   * @returns Its text; `undefined` if there is no such file.
   * @throws {ToolError} It can't be read, or a limit is reached.
   */
  readSettings(path: string): string | undefined {
    const bytes = this.#read(path);
    return bytes && new TextDecoder().decode(bytes);
  }

  #read(path: string): Uint8Array<ArrayBuffer> | undefined {
    if (path.length > LONGEST_PATH || printable(path) !== path) {
      throw refusal(path, "its name is too long, or has characters that can't be printed");
    }
    const bytes = readPlainFile(this.#path, path);
    if (bytes === undefined) return undefined;
    this.#files++;
    this.#bytes += bytes.length;
    if (this.#files > MOST_FILES || this.#bytes > MOST_BYTES) {
      throw new ToolError(
        `The source has more than ${MOST_FILES} files, or more than ${
          formatBytes(MOST_BYTES)
        }, the limit`,
      );
    }
    return bytes;
  }
}

/** Reads a regular file that no link leads to; `undefined` if there is none. */
function readPlainFile(root: string, path: string): Uint8Array<ArrayBuffer> | undefined {
  const folder = join(root, dirname(path));
  let file: number;
  try {
    if (Deno.realPathSync(folder) !== folder) throw refusal(path, "its folder is a link");
    // A link isn't followed, and a FIFO isn't waited for.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    file = openSync(join(root, path), flags);
  } catch (error) {
    if (error instanceof ToolError) throw error;
    const { code } = error as { code?: string };
    if (code === "ENOENT" || error instanceof Deno.errors.NotFound || code === "ENOTDIR") {
      return undefined;
    }
    throw refusal(
      path,
      code === "ELOOP" ? "it is a link" : `it can't be read: ${messageOf(error)}`,
    );
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile()) throw refusal(path, "it isn't a regular file");
    if (stat.nlink > 1) throw refusal(path, "it is a hard link: the file has another name too");
    if (stat.size > LARGEST_FILE_BYTES) {
      throw refusal(path, `it has more than ${formatBytes(LARGEST_FILE_BYTES)}, the limit`);
    }
    const bytes = new Uint8Array(stat.size);
    let at = 0;
    while (at < bytes.length) {
      const read = readSync(file, bytes, at, bytes.length - at, at);
      if (read === 0) break;
      at += read;
    }
    return bytes.subarray(0, at);
  } finally {
    closeSync(file);
  }
}

function refusal(path: string, reason: string): ToolError {
  const shown = path.length > LONGEST_PATH ? `${path.slice(0, 100)}...` : path;
  return new ToolError(`${printable(shown)} in the source is refused: ${reason}`);
}
