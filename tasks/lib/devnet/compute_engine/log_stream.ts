/**
 * Streams the log of a run, as long as it runs.
 *
 * @module
 */

import { pause } from "../../../../src/pause.ts";
import type { Run } from "./runs.ts";

const POLL_MS = 50;

/** Answers with the lines so far, and with those to come. */
export function streamLog(run: Run): Response {
  async function* lines(): AsyncGenerator<string> {
    let ended = false;
    const end = run.ended.then(() => void (ended = true));
    for (let at = 0;;) {
      const last = ended;
      while (at < run.log.length) yield `${run.log[at++]}\n`;
      if (last) return;
      await Promise.race([end, pause(POLL_MS)]);
    }
  }
  const body = ReadableStream.from(lines()).pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } });
}
