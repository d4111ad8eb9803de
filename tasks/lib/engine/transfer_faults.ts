/**
 * Faults in how an answer is sent: connections that break, lengths that are wrong, bytes that come late.
 *
 * @module
 */

import {
  ANY,
  type Evidence,
  type FaultKind,
  type SendOptions,
  type Stage,
  STAGES,
} from "./fault.ts";

const half = (length: number) => Math.floor(length / 2);

/** A fault that is a way to send a sound answer. */
function sending(
  description: string,
  options: SendOptions,
  shows: FaultKind["shows"],
  more: { stages?: readonly Stage[]; times?: number } = {},
): FaultKind {
  return { description, stages: ANY, ...more, act: (_, { send }) => send(options), shows };
}

/** A fault of downloads: the first is cut in the middle, and the attempt to resume meets `options`. */
function resuming(
  description: string,
  options: SendOptions,
  shows: FaultKind["shows"],
): FaultKind {
  return {
    description: `the first download is cut in the middle, and ${description}`,
    stages: ["download"],
    times: 2,
    act: (exchange, { send }) =>
      send(exchange.request.headers.has("range") ? options : { cutAt: half }),
    shows: (evidence) => evidence.request.headers.has("range") && shows(evidence),
  };
}

const announced = ({ sent }: Evidence) => Number(sent.headers.get("content-length") ?? NaN);

/** The connection was closed before the announced end, after so many bytes. */
function cutAfter(evidence: Evidence, bytes: number): boolean {
  return evidence.sent.closed && evidence.sent.length === bytes && bytes < announced(evidence);
}

const isChunked = ({ sent }: Evidence) =>
  sent.headers.get("transfer-encoding") === "chunked" && !sent.headers.has("content-length");

/** A chunked body's own bytes, and whether its end was sent. */
function unchunk({ text }: Evidence): { length: number; ended: boolean } {
  let length = 0;
  for (let at = 0;;) {
    const size = /^([0-9a-f]+)\r\n/.exec(text.slice(at, at + 12));
    if (size === null) return { length, ended: false };
    const count = parseInt(size[1]!, 16);
    if (count === 0) return { length, ended: true };
    length += count;
    at += size[0].length + count + 2;
  }
}

/** The faults by name. */
export const TRANSFER_FAULTS: Readonly<Record<string, FaultKind>> = {
  "reset": {
    description: "the connection closes before the answer",
    stages: STAGES,
    act: (exchange) => Promise.resolve(exchange.close()),
    shows: ({ sent }) => sent.closed && sent.headLength === 0,
  },
  "reset-once": {
    description: "once, the connection closes before the answer",
    stages: STAGES,
    times: 1,
    act: (exchange) => Promise.resolve(exchange.close()),
    shows: ({ sent }) => sent.closed && sent.headLength === 0,
  },
  "lost-answer": {
    description: "once, the request is done and the connection closes before the answer",
    stages: ["submit"],
    times: 1,
    act: (_, { send }) => send({ cutAt: () => 0 }),
    shows: (evidence) => evidence.sent.status === 200 && cutAfter(evidence, 0),
  },
  "silent": {
    description: "the connection stays open and nothing comes",
    stages: STAGES,
    act: () => new Promise(() => {}),
    shows: ({ sent }) => !sent.closed && sent.headLength === 0,
  },
  "gone": {
    description: "the query is taken, and the engine accepts no connection any more",
    stages: ["submit"],
    async act(exchange, { send, stopListening }) {
      await send({});
      exchange.close();
      stopListening();
    },
    shows: ({ sent }) => sent.status === 200 && sent.closed,
  },
  "cut": sending(
    "the first answer is cut in the middle",
    { cutAt: half },
    (evidence) => cutAfter(evidence, half(announced(evidence))),
    { times: 1 },
  ),
  "cut-always": sending(
    "every answer is cut in the middle, and no download can be resumed",
    { cutAt: half, noRanges: true },
    (evidence) => cutAfter(evidence, half(announced(evidence))) && !offersRanges(evidence),
  ),
  "cut-at-0": sending(
    "the first answer is cut after its headers",
    { cutAt: () => 0 },
    (evidence) => cutAfter(evidence, 0),
    { times: 1 },
  ),
  "cut-at-1": sending(
    "the first answer is cut after one byte",
    { cutAt: () => 1 },
    (evidence) => cutAfter(evidence, 1),
    { times: 1 },
  ),
  "cut-at-last": sending(
    "the first answer is cut before its last byte",
    { cutAt: (length) => length - 1 },
    (evidence) => cutAfter(evidence, announced(evidence) - 1),
    { times: 1 },
  ),
  "no-ranges": resuming(
    "the server can't resume it",
    { noRanges: true },
    ({ sent }) => sent.status === 200 && sent.headers.get("accept-ranges") === "none",
  ),
  "changed": resuming(
    "the file has changed since",
    { changed: true },
    ({ sent, request }) =>
      sent.status === 200 && sent.start[63] === 7 &&
      sent.headers.get("etag") !== request.headers.get("if-range"),
  ),
  "lying-range": resuming(
    "resuming sends another range",
    { rangeOff: -1 },
    ({ sent, request }) => {
      const first = /^bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1];
      return sent.status === 206 &&
        !sent.headers.get("content-range")?.startsWith(`bytes ${first}-`);
    },
  ),
  "truncated": sending(
    "half of the answer as if it were all",
    { share: 0.5 },
    (evidence) =>
      evidence.sent.length === half(evidence.whole ?? NaN) &&
      announced(evidence) === evidence.sent.length,
  ),
  "stalled": sending(
    "the first answer stops in the middle and the connection stays open",
    { cutAt: half, stall: true },
    (evidence) => evidence.sent.length === half(announced(evidence)) && !evidence.sent.closed,
    { times: 1 },
  ),
  "stalled-always": sending(
    "every answer stops after its headers and the connection stays open",
    { cutAt: () => 0, stall: true },
    (evidence) => evidence.sent.length === 0 && announced(evidence) > 0 && !evidence.sent.closed,
  ),
  "slow-head": sending(
    "the headers come a character every 100 ms",
    { headPauseMs: 100 },
    ({ sent }) => sent.headLength > 2 && sent.milliseconds / sent.headLength > 50,
  ),
  "too-long": sending(
    "the announced length is too large",
    { lengthOff: 20, noRanges: true },
    (evidence) => evidence.sent.closed && announced(evidence) === evidence.sent.length + 20,
  ),
  "too-short": sending(
    "the announced length is too small",
    { lengthOff: -20 },
    (evidence) => announced(evidence) === (evidence.whole ?? NaN) - 20,
  ),
  "extra": sending(
    "bytes behind the announced end",
    { extra: "<!-- served by a proxy -->" },
    (evidence) => evidence.sent.length > announced(evidence),
  ),
  "chunked": sending(
    "no announced length",
    { chunked: true },
    (evidence) => {
      const { length, ended } = unchunk(evidence);
      return isChunked(evidence) && ended && length === evidence.whole;
    },
  ),
  "chunked-cut": sending(
    "no announced length, and the first answer is cut",
    { chunked: true, cutAt: half },
    (evidence) => isChunked(evidence) && evidence.sent.closed && !unchunk(evidence).ended,
    { times: 1 },
  ),
  "chunked-truncated": sending(
    "no announced length, and half of the answer as if it were all",
    { chunked: true, share: 0.5 },
    (evidence) => {
      const { length, ended } = unchunk(evidence);
      return isChunked(evidence) && ended && length === half(evidence.whole ?? NaN);
    },
  ),
  "gzip": sending(
    "compressed, though not asked for",
    { gzip: true },
    ({ sent }) =>
      sent.headers.get("content-encoding") === "gzip" && sent.start[0] === 0x1f &&
      sent.start[1] === 0x8b,
  ),
  "slow": sending(
    "a piece of the answer every 100 ms",
    { pauseMs: 100 },
    ({ sent }) => sent.status === 200 && sent.length > 0 && sent.milliseconds >= 100,
  ),
};

function offersRanges({ sent }: Evidence): boolean {
  return sent.headers.get("accept-ranges") === "bytes";
}
