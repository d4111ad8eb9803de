/**
 * Trying again: how often, after which pauses, and until when.
 *
 * @module
 */

import { pause } from "../pause.ts";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;

/** Without the server's own clock, a date further away than this says more about the clocks. */
const LONGEST_CREDIBLE_MS = 5 * 60_000;

/** What an attempt throws when another one may succeed. */
export class Transient extends Error {
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs?: number;
  /** Whether the server surely hasn't begun with the request. */
  readonly unbegun: boolean;
  /** Faults in a row after which this one is final; fewer than usual. */
  readonly limit: number;

  /** Makes the fault; by default the server may have begun, and it has no limit of its own. */
  constructor(
    message: string,
    { retryAfterMs, unbegun = false, limit = Infinity }: {
      retryAfterMs?: number;
      unbegun?: boolean;
      limit?: number;
    } = {},
  ) {
    super(message);
    this.retryAfterMs = retryAfterMs;
    this.unbegun = unbegun;
    this.limit = limit;
  }
}

/** Why there is no further attempt: no time, too many attempts, or the server asks for too long a pause. */
export type GiveUpReason = "time" | "attempts" | "pause";

/** Options of {@linkcode retry}. */
export interface RetryOptions {
  /** Attempts in a row that bring nothing, after which the last fault is final. */
  attempts: number;
  /** Whether a fault is one of those attempts; by default each is. */
  counts?(fault: Transient): boolean;
  /** The last moment of an attempt's start, on the clock of `performance.now()`. */
  deadline?: number;
  /** The longest pause a server may ask for, in milliseconds. */
  longestPauseMs?: number;
  /** Grows when an attempt brings something, though it fails. */
  progress?(): number;
  /** Called before each pause. */
  onRetry(fault: Transient, pauseMs: number): void;
  /** Makes the error to end with. */
  giveUp(fault: Transient, reason: GiveUpReason): Error;
  /** Stops it. */
  signal?: AbortSignal;
}

/**
 * Attempts something until it succeeds: with exponential backoff and jitter, or after the pause that
 * the server asks for where that is longer.
 *
 * @returns What `attempt` returns.
 * @throws What `giveUp` makes, when there is no further attempt.
 * @throws What `attempt` throws, unless it is a {@linkcode Transient}.
 * @throws The signal's reason, when stopped.
 */
export async function retry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { attempts, deadline = Infinity, longestPauseMs = Infinity, signal } = options;
  const { progress = () => 0, counts = () => true } = options;
  let faults = 0;
  let idle = 0;
  for (;;) {
    const before = progress();
    try {
      return await attempt();
    } catch (fault) {
      signal?.throwIfAborted();
      if (!(fault instanceof Transient)) throw fault;
      if (progress() > before) faults = idle = 0;
      else if (counts(fault)) idle++;
      faults++;
      if (idle >= attempts || faults >= fault.limit) throw options.giveUp(fault, "attempts");
      const asked = fault.retryAfterMs ?? 0;
      const left = deadline - performance.now();
      // An attempt that was cut by the deadline leaves no time, however long a pause it asks for.
      if (left <= 0) throw options.giveUp(fault, "time");
      if (asked > longestPauseMs || asked >= left) throw options.giveUp(fault, "pause");
      // Near the deadline the pauses shorten, so that the time there is is used.
      const usual = Math.min(backoff(faults), Math.max(FIRST_PAUSE_MS, left / 2));
      const pauseMs = Math.max(usual, asked);
      if (pauseMs >= left) throw options.giveUp(fault, "time");
      options.onRetry(fault, pauseMs);
      await pause(pauseMs, signal);
    }
  }
}

function backoff(faults: number): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (faults - 1), LONGEST_PAUSE_MS);
  return longest * (0.5 + Math.random() / 2);
}

/**
 * Whether the same request may succeed later: too early, too many, and the server's own faults, except
 * those that say the request will never be served.
 */
export function isTransient(status: number): boolean {
  return [408, 425, 429].includes(status) || (status >= 500 && ![501, 505, 511].includes(status));
}

/**
 * Milliseconds that a `Retry-After` header asks to wait, given as seconds or as a date. A date is read
 * on the server's own clock, which `Date` tells (RFC 9110, 10.2.3 and 6.6.1).
 *
 * @returns 0 for a date in the past; `undefined` if there is no such header or it can't be understood.
 */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get("retry-after")?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const until = parseHttpDate(value);
  if (until === undefined) return undefined;
  const served = parseHttpDate(headers.get("date")?.trim() ?? "");
  const wait = Math.max(0, until - (served ?? Date.now()));
  return served === undefined && wait > LONGEST_CREDIBLE_MS ? undefined : wait;
}

/** Reads one of HTTP's date formats; one of them has no time zone, and all mean UTC. */
function parseHttpDate(text: string): number | undefined {
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/i.test(text)) return undefined;
  const date = Date.parse(/GMT|UTC/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(date) ? undefined : date;
}
