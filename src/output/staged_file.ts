/**
 * A new file that is written to its end, or removed.
 *
 * @module
 */

import { ArtifactError } from "../errors.ts";
import { writeAll } from "../files.ts";
import { explained } from "./write_error.ts";

/** Text is handed to the kernel in pieces of about this many characters. */
const PIECE_CHARACTERS = 128 * 1024;

const encoder = new TextEncoder();

/** A new file, open for writing. */
export class StagedFile {
  readonly #name: string;
  readonly #path: string;
  readonly #file: Deno.FsFile;
  /** A buffer for all text: one for each piece would be garbage faster than it is collected. */
  readonly #buffer = new Uint8Array(3 * PIECE_CHARACTERS);
  #text = "";

  /**
   * Makes the file.
   *
   * @param name The artifact's name, for messages.
   * @param path Where nothing is yet.
   * @throws {ArtifactError} It can't be made.
   */
  constructor(name: string, path: string) {
    this.#name = name;
    this.#path = path;
    const options = { write: true, createNew: true, mode: 0o644 };
    this.#file = explained(name, () => Deno.openSync(path, options));
  }

  /**
   * Writes text, as UTF-8.
   *
   * @throws {ArtifactError} It can't be written.
   */
  writeText(text: string): void {
    // Together they could be longer than a string can be.
    if (text.length >= PIECE_CHARACTERS) this.#flush();
    this.#text += text;
    if (this.#text.length >= PIECE_CHARACTERS) this.#flush();
  }

  /**
   * Writes bytes.
   *
   * @throws {ArtifactError} They can't be written, or aren't bytes.
   */
  write(bytes: Uint8Array): void {
    if (!(bytes instanceof Uint8Array)) {
      throw new ArtifactError(
        `${this.#name} takes bytes as Uint8Array, not ${typeof bytes}; text is for writeText`,
      );
    }
    explained(this.#name, () => {
      writeAll(this.#file, bytes);
    });
  }

  /**
   * Writes what is left, and closes the file.
   *
   * @throws {ArtifactError} It can't be written.
   */
  close(): void {
    this.#flush();
    this.#file.close();
  }

  /** Closes the file and removes it. */
  remove(): void {
    this.#file.close();
    Deno.removeSync(this.#path);
  }

  #flush(): void {
    let text = this.#text;
    this.#text = "";
    while (text !== "") {
      const { read, written } = encoder.encodeInto(text, this.#buffer);
      this.write(this.#buffer.subarray(0, written));
      text = text.slice(read);
    }
  }
}
