/**
 * Compresses blocks on several processors.
 *
 * @module
 */

import type { Block } from "./deflate_block.ts";

/** More workers than this wait for the reader anyway. */
const MOST_WORKERS = 4;

/** Workers that compress a block each. */
export class DeflatePool implements Disposable {
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #waiting: ((worker: Worker) => void)[] = [];
  /** How many blocks are compressed at once. */
  readonly size: number;

  /** Starts no worker yet. */
  constructor(size: number = Math.min(navigator.hardwareConcurrency, MOST_WORKERS)) {
    this.size = size;
  }

  /** Compresses a block as `deflateBlock` does; its bytes are gone then. */
  async deflate(block: Block): Promise<Uint8Array> {
    const worker = await this.#take();
    try {
      return await new Promise((resolve, reject) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = (event) => {
          event.preventDefault();
          reject(new Error(event.message));
        };
        worker.postMessage(block, [block.bytes.buffer]);
      });
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#idle.push(worker);
      else next(worker);
    }
  }

  /** Ends the workers, whatever they are at. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #take(): Worker | Promise<Worker> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    if (this.#workers.length === this.size) {
      return new Promise((resolve) => this.#waiting.push(resolve));
    }
    const worker = new Worker(new URL("./deflate_worker.ts", import.meta.url), { type: "module" });
    this.#workers.push(worker);
    return worker;
  }
}
