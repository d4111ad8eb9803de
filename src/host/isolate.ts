/**
 * Starts a job's isolate, and listens to it. Nothing that it says is taken on trust.
 *
 * @module
 */

import type { JobNetwork } from "../job/define_job.ts";
import type { HostMessage, JobFailure } from "../job/messages.ts";
import { LOG_LEVELS, type LogLevel } from "../log.ts";

/** The longest message of a job that is kept, in UTF-16 code units. */
const LONGEST_MESSAGE = 16 * 1024;
const LONGEST_PROPERTIES = 64 * 1024;
const MOST_PLACES = 5;
const LONGEST_PLACE = 200;

/** What an isolate may do. */
export interface IsolateRights {
  /** Files and folders it may read, absolute. */
  read: readonly string[];
  /** Files and folders it may write, absolute. */
  write: readonly string[];
  /** The hosts it may connect to. */
  network: JobNetwork;
}

/** Told of what an isolate says. */
export interface IsolateListener {
  /** It describes its job. */
  onDescribed?(description: unknown): void;
  /** It logs; the message is cut to a bounded length, but not cleaned. */
  onLog?(level: LogLevel, message: string, properties: Record<string, unknown>): void;
  /** It says that the job has ended well. */
  onDone?(): void;
  /** Its job failed, or couldn't be loaded. */
  onFailed(failure: JobFailure): void;
}

/** Options of {@linkcode startIsolate}. */
export interface IsolateOptions {
  /** The module it starts with. */
  entry: URL;
  /** What it may do. */
  rights: IsolateRights;
  /** The URL that places in stacks are shown relative to. */
  root: string;
  /** Told of what it says. */
  listener: IsolateListener;
}

/** A running isolate. */
export interface Isolate {
  /** Sends it a message. */
  send(message: HostMessage): void;
  /** Ends it. Its synchronous code may go on for up to two seconds. */
  terminate(): void;
}

/**
 * Starts an isolate: a Web Worker with permissions of its own.
 *
 * An isolate that ends itself isn't reported: the caller's event loop drains. Hold nothing that keeps
 * the loop alive while waiting for one.
 */
export function startIsolate({ entry, rights, root, listener }: IsolateOptions): Isolate {
  const { network } = rights;
  const worker = new Worker(entry, {
    type: "module",
    deno: {
      permissions: {
        read: [...rights.read],
        write: [...rights.write],
        net: network === "all" ? true : [...network],
        env: false,
        run: false,
        ffi: false,
        sys: false,
        import: false,
      },
    },
  });
  worker.addEventListener("message", ({ data }) => hear(data, listener));
  worker.addEventListener("error", (event) => {
    // Without this the error would end the process in Deno's own words.
    event.preventDefault();
    listener.onFailed(failureOf({
      message: event.message.replace(/^Uncaught (\(in promise\) )?(Error: )?/, ""),
      places: placeOf(event, root),
    }));
  });
  return {
    send: (message) => worker.postMessage(message),
    terminate: () => worker.terminate(),
  };
}

function hear(data: unknown, listener: IsolateListener): void {
  const message = asRecord(data);
  switch (message.type) {
    case "described":
      return listener.onDescribed?.(message.description);
    case "log": {
      const level = LOG_LEVELS.find((level) => level === message.level) ?? "info";
      const text = bounded(message.message, LONGEST_MESSAGE);
      return listener.onLog?.(level, text, parseProperties(message.properties));
    }
    case "done":
      return listener.onDone?.();
    case "failed":
      return listener.onFailed(failureOf(message.failure));
  }
}

function failureOf(value: unknown): JobFailure {
  const { message, places, badInput } = asRecord(value);
  return {
    message: bounded(message, LONGEST_MESSAGE),
    places: (Array.isArray(places) ? places : []).slice(0, MOST_PLACES)
      .map((place) => bounded(place, LONGEST_PLACE)),
    badInput: badInput === true,
  };
}

function placeOf({ filename, lineno, colno }: ErrorEvent, root: string): string[] {
  if (!filename?.startsWith(root)) return [];
  return [`${filename.slice(root.length)}:${lineno}:${colno}`];
}

function parseProperties(json: unknown): Record<string, unknown> {
  if (typeof json !== "string" || json.length > LONGEST_PROPERTIES) return {};
  try {
    return asRecord(JSON.parse(json));
  } catch {
    return {};
  }
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
}

function bounded(text: unknown, length: number): string {
  if (typeof text !== "string") return "no message";
  return text.length > length ? `${text.slice(0, length)}...` : text;
}
