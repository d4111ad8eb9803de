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
import type { Log, LogFormat, LogLevel } from "./log.ts";
import { printable } from "./printable.ts";
import type { Redact } from "./redact.ts";

/** Options of {@linkcode openLog}. */
export interface LogOptions {
  /** The least important level that is written. */
  level: LogLevel;
  /** The shape of a line. */
  format: LogFormat;
  /** Applied to every message and every text among its properties. */
  redact: Redact;
}

/** The host's log. */
export interface HostLog extends Log {
  /** Writes a warning that no log level hides. */
  notice(message: string, properties?: Record<string, unknown>): void;
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

/** Starts logging to standard error and returns the log. A second call replaces the first's settings. */
export function openLog({ level, format, redact }: LogOptions): HostLog {
  const formatLine = format === "json" ? getJsonLinesFormatter() : getTextFormatter({
    timestamp: "rfc3339",
    level: (level) => level.toUpperCase().padEnd(7),
    format: ({ timestamp, level, message }) => `${timestamp} ${level} ${message}`,
  });
  resetSync();
  configureSync({
    sinks: { stderr: (record: LogRecord) => write(`${formatLine(record).trimEnd()}\n`) },
    loggers: [
      { category: ["relay"], sinks: ["stderr"], lowestLevel: level },
      { category: ["notice"], sinks: ["stderr"], lowestLevel: "warning" },
      // LogTape's own messages about itself: off, they are not about the job.
      { category: ["logtape", "meta"], sinks: [] },
    ],
  });
  const logger = getLogger(["relay"]);
  const notices = getLogger(["notice"]);
  const clean = (text: string) => printable(redact(text));
  // LogTape reads braces as placeholders; ours are text.
  const literal = (text: string) => clean(text).replaceAll("{", "{{").replaceAll("}", "}}");
  const safe = (properties: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [
        clean(name),
        typeof value === "string" ? clean(value) : value,
      ]),
    );
  return {
    debug: (message, properties = {}) => logger.debug(literal(message), safe(properties)),
    info: (message, properties = {}) => logger.info(literal(message), safe(properties)),
    warn: (message, properties = {}) => logger.warn(literal(message), safe(properties)),
    error: (message, properties = {}) => logger.error(literal(message), safe(properties)),
    notice: (message, properties = {}) => notices.warn(literal(message), safe(properties)),
  };
}
