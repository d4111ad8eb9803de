/**
 * Sends a workbench's changes to a page, as server-sent events.
 *
 * @module
 */

import type { WorkbenchEvent } from "../wire.ts";
import type { Store } from "./store.ts";

/** A page that hears nothing for longer takes the connection as lost. */
const HEARTBEAT_MS = 5000;

/** A response that goes on until the page leaves. */
export function eventStream(store: Store): Response {
  const encoder = new TextEncoder();
  let stop = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text));
      const unsubscribe = store.subscribe((event: WorkbenchEvent) =>
        send(`data: ${JSON.stringify(event)}\n\n`)
      );
      const heartbeat = setInterval(() => send(": still here\n\n"), HEARTBEAT_MS);
      stop = () => {
        clearInterval(heartbeat);
        unsubscribe();
      };
    },
    cancel() {
      stop();
    },
  });
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}
