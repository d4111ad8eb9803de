/**
 * Logs on standard error: one readable line an event, or JSON lines.
 *
 * @module
 */

import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  getTextFormatter,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";
import type { Redact } from "./redact.ts";

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
  /** Details for whoever looks for a fault. */
  debug(message: string, properties?: Record<string, unknown>): void;
  /** What happens. */
  info(message: string, properties?: Record<string, unknown>): void;
  /** What may be wrong, though the run goes on. */
  warn(message: string, properties?: Record<string, unknown>): void;
  /** What ended the run. */
  error(message: string, properties?: Record<string, unknown>): void;
}

/** A log that says nothing: for library use without a log. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Options of {@linkcode openLog}. */
export interface LogOptions {
  /** The least important level that is written. */
  level: LogLevel;
  /** The shape of a line. */
  format: LogFormat;
  /** Applied to every message and every text among its properties. */
  redact: Redact;
}

const encoder = new TextEncoder();

function write(text: string): void {
  const bytes = encoder.encode(text);
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch {
    // A closed or full standard error must not fail the job.
  }
}

/** One line an event, and no terminal codes from somebody else's text. */
function escapeControls(text: string): string {
  return text.replaceAll(
    // deno-lint-ignore no-control-regex
    /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g,
    (char) => char === "\n" ? "\\n" : `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}

/** Starts logging to standard error and returns the log. A second call replaces the first's settings. */
export function openLog(options: LogOptions): Log {
  const format = options.format === "json" ? getJsonLinesFormatter() : getTextFormatter({
    timestamp: "rfc3339",
    level: (level) => level.toUpperCase().padEnd(7),
    format: ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
  });
  const sink = (record: LogRecord) => {
    write(escapeControls(format(record).trimEnd()) + "\n");
  };
  resetSync();
  configureSync({
    sinks: { stderr: sink },
    loggers: [
      { category: ["relay"], sinks: ["stderr"], lowestLevel: options.level },
      // LogTape's own messages about itself: off, they are not about the job.
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  const logger = getLogger(["relay"]);
  const { redact } = options;
  // LogTape reads braces as placeholders; ours are text.
  const literal = (text: string) => redact(text).replaceAll("{", "{{").replaceAll("}", "}}");
  const safe = (properties: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [
        name,
        typeof value === "string" ? redact(value) : value,
      ]),
    );
  return {
    debug: (message, properties = {}) => logger.debug(literal(message), safe(properties)),
    info: (message, properties = {}) => logger.info(literal(message), safe(properties)),
    warn: (message, properties = {}) => logger.warn(literal(message), safe(properties)),
    error: (message, properties = {}) => logger.error(literal(message), safe(properties)),
  };
}
