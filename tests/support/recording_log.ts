/**
 * A log that a test can read.
 *
 * @module
 */

import type { Log } from "../../src/log.ts";

/** Keeps every line, with its properties as JSON behind it. */
export class RecordingLog implements Log {
  /** The lines so far. */
  readonly lines: string[] = [];

  /** Keeps a line. */
  debug(message: string, properties?: Record<string, unknown>): void {
    this.#keep(message, properties);
  }

  /** Keeps a line. */
  info(message: string, properties?: Record<string, unknown>): void {
    this.#keep(message, properties);
  }

  /** Keeps a line. */
  warn(message: string, properties?: Record<string, unknown>): void {
    this.#keep(message, properties);
  }

  /** Keeps a line. */
  error(message: string, properties?: Record<string, unknown>): void {
    this.#keep(message, properties);
  }

  /** All of it. */
  get text(): string {
    return this.lines.join("\n");
  }

  #keep(message: string, properties: Record<string, unknown> = {}): void {
    this.lines.push(`${message} ${JSON.stringify(properties)}`);
  }
}
