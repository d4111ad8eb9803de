/**
 * What a fault of the local engine is.
 *
 * @module
 */

import type { Exchange, Sent, WireRequest } from "./wire.ts";

/** The three kinds of request. */
export const STAGES = ["submit", "poll", "download"] as const;

/** A kind of request. */
export type Stage = (typeof STAGES)[number];

/** How an answer is sent. What isn't named is done right. */
export interface SendOptions {
  /** Close after so many bytes of the body; a function is given the body's length. */
  cutAt?(length: number): number;
  /** With {@linkcode SendOptions.cutAt}: keep the connection open instead, and send no more. */
  stall?: boolean;
  /** Added to the announced length. */
  lengthOff?: number;
  /** Added to both ends of the announced range. */
  rangeOff?: number;
  /** Announce no length. */
  chunked?: boolean;
  /** Compress. */
  gzip?: boolean;
  /** Ignore `Range`. */
  noRanges?: boolean;
  /** Another file from now on, and another ETag. */
  changed?: boolean;
  /** Only this share of the file, as if it were all. */
  share?: number;
  /** Wait before each piece of the body, in milliseconds. */
  pauseMs?: number;
  /** Wait after each character of the head, in milliseconds. */
  headPauseMs?: number;
  /** Sent behind the body. */
  extra?: string;
}

/** What a fault can use. */
export interface FaultTools {
  /** The stage of the request. */
  stage: Stage;
  /** The engine's own origin. */
  origin: string;
  /** Another origin, which has the results too. */
  otherOrigin: string;
  /** Sends a sound engine's answer, but for what the options say. */
  send(options: SendOptions): Promise<void>;
  /** Says of a query what is given here; for polls. */
  say(status: Record<string, unknown>): Promise<void>;
  /** The URL of the query's results; for polls. */
  resultsUrl(): string;
  /** Refuses connections from now on. */
  stopListening(): void;
}

/** One request and what was sent in answer, for {@linkcode FaultKind.shows}. */
export interface Evidence {
  /** The request. */
  request: WireRequest;
  /** What was sent. */
  sent: Sent;
  /** The body that was sent, as text; its start, if it is long. */
  text: string;
  /** The length of a sound answer's body, where the fault sends one. */
  whole?: number;
}

/** A way to misbehave. */
export interface FaultKind {
  /** What it does, for `--help`. */
  description: string;
  /** The stages it can meet; the first is the one unless another is asked for. */
  stages: readonly Stage[];
  /**
   * How many requests of its stage it hits.
   *
   * @default Infinity
   */
  times?: number;
  /** Answers the request, or breaks it. */
  act(exchange: Exchange, tools: FaultTools): Promise<void>;
  /** Whether the fault really happened, by what went over the wire. */
  shows(evidence: Evidence): boolean;
}

/** The stages at which the protocol's JSON is sent. */
export const ASKING: readonly Stage[] = ["submit", "poll"];

/** The stages of a fault that shows most in a download, but can meet every stage. */
export const ANY: readonly Stage[] = ["download", "submit", "poll"];
