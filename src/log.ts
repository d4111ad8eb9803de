/**
 * What a log is: its levels and shapes.
 *
 * @module
 */

/** The importance of a log line. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/** `text` for people, `json` for programs. */
export type LogFormat = "text" | "json";

/** The levels a log line can have, least important first. */
export const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/** The shapes a log line can have. */
export const LOG_FORMATS: readonly LogFormat[] = ["text", "json"];

/**
 * Writes log lines. The message is a whole sentence; the properties are its figures for programs,
 * and show with `LOG_FORMAT=json` only.
 */
export interface Log {
  /** Details for finding a fault. */
  debug(message: string, properties?: Record<string, unknown>): void;
  /** What happens. */
  info(message: string, properties?: Record<string, unknown>): void;
  /** What may be wrong, though the run goes on. */
  warn(message: string, properties?: Record<string, unknown>): void;
  /** What ended the run. */
  error(message: string, properties?: Record<string, unknown>): void;
}

/** A log that writes nothing. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
