/**
 * The archives of instructions, as a devnet's Compute Engine gets them.
 *
 * @module
 */

import { join } from "node:path";
import { isFile, removeIfThere } from "../../../src/files.ts";
import { fetchArchive } from "../audit/fetch_archive.ts";
import { ToolError } from "../errors.ts";
import type { LedgerInstruction } from "./compute_engine/ledger.ts";

/** Downloads archives, and keeps those that have their SHA-256. */
export class Images {
  readonly #folder: string;
  /** By SHA-256: two jobs of one instruction download it once. */
  readonly #fetched = new Map<string, Promise<boolean>>();

  /** Keeps them in a folder. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the archive of a SHA-256 is, once it was checked. */
  path(sha256: string): string {
    return join(this.#folder, `${sha256}.tar.gz`);
  }

  /** Whether the archive at an instruction's URL is there and has its SHA-256. */
  async check(instruction: LedgerInstruction): Promise<boolean> {
    const { sha256 } = instruction;
    const before = this.#fetched.get(sha256);
    if (before !== undefined) return await before;
    const fetched = this.#fetch(instruction);
    this.#fetched.set(sha256, fetched);
    const sound = await fetched;
    if (!sound) this.#fetched.delete(sha256);
    return sound;
  }

  async #fetch({ url, sha256 }: LedgerInstruction): Promise<boolean> {
    const path = this.path(sha256);
    if (isFile(path)) return true;
    const part = `${path}.part`;
    try {
      // Anyone can register any text: it must not be taken for a file of this machine.
      if (!/^https?:\/\//i.test(url)) return false;
      const options = { path: part, allowHttp: true, reach: "loopback" } as const;
      const archive = await fetchArchive(url, { ...options, expected: sha256 });
      if (archive.sha256 !== sha256) return false;
      Deno.renameSync(archive.path, path);
      return true;
    } catch (error) {
      if (error instanceof ToolError) return false;
      throw error;
    } finally {
      removeIfThere(part);
    }
  }
}
