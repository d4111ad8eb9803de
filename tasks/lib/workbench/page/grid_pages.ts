/**
 * Rows of a view as they are needed: by pages, of which some are kept.
 *
 * @module
 */

import type { Cell, GridRows, GridView } from "../wire.ts";
import { ask } from "./api.ts";

const PAGE_ROWS = 250;
const MOST_PAGES = 40;

/** The rows of one view. */
export class GridPages {
  readonly #view: GridView;
  readonly #pages = new Map<number, Promise<GridRows>>();
  readonly #left = new AbortController();

  /** Nothing is asked yet. */
  constructor(view: GridView) {
    this.#view = view;
  }

  /** The page that a row is on. */
  page(row: number): Promise<GridRows> {
    const number = Math.floor(row / PAGE_ROWS);
    const known = this.#pages.get(number);
    const page = known ??
      ask<GridRows>(
        "rows",
        { view: this.#view, from: number * PAGE_ROWS, count: PAGE_ROWS },
        this.#left.signal,
      );
    this.#pages.delete(number);
    this.#pages.set(number, page);
    page.catch(() => this.#pages.delete(number));
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= MOST_PAGES) break;
      this.#pages.delete(oldest);
    }
    return page;
  }

  /** Gives up what is asked for and didn't come yet. */
  leave(): void {
    this.#left.abort();
  }

  /** Rows from one number up to another. */
  async rows(from: number, to: number): Promise<Cell[][]> {
    const pages: Promise<GridRows>[] = [];
    const first = Math.floor(from / PAGE_ROWS);
    for (let number = first; number * PAGE_ROWS < to; number++) {
      pages.push(this.page(number * PAGE_ROWS));
    }
    const rows = (await Promise.all(pages)).flatMap(({ rows }) => rows);
    return rows.slice(from - first * PAGE_ROWS, to - first * PAGE_ROWS);
  }
}
