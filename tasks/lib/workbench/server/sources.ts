/**
 * The databases that a grid can show, by the names that the page knows them by.
 *
 * @module
 */

import { ToolError } from "../../errors.ts";
import type { ViewOrder } from "../sql/grid_view.ts";
import type { GridView } from "../wire.ts";

/** A database, and what changes with its content. */
export interface DatabaseFile {
  /** The file, absolute. */
  path: string;
  /** Changes whenever the content does. */
  version: string;
}

/** The databases by name. */
export class Sources {
  readonly #files = new Map<string, DatabaseFile>();

  /** Names a database, or gives a name to another. */
  set(name: string, file: DatabaseFile): void {
    this.#files.set(name, file);
  }

  /** Forgets a name. */
  delete(name: string): void {
    this.#files.delete(name);
  }

  /** The database of a name. */
  get(name: string): DatabaseFile | undefined {
    return this.#files.get(name);
  }

  /**
   * The rows of a view, as an SQL process reads them.
   *
   * @throws {ToolError} There is no such database any more.
   */
  viewOf({ source, table, where, order }: GridView): ViewOrder {
    const file = this.#files.get(source);
    if (file !== undefined) return { ...file, table, where, order };
    throw new ToolError(
      source.startsWith("answer:")
        ? "The result is no longer kept; run the query again"
        : "This data no longer exists",
    );
  }
}
