/**
 * The workbench's state, kept up to date by the server.
 *
 * @module
 */

import { type Signal, signal } from "@preact/signals";
import type { LogLine, WorkbenchEvent, WorkbenchState } from "../wire.ts";
import { send, token } from "./api.ts";
import { forgetToken } from "./session.ts";

/** How the page and the server stand. */
export type Connection = "connecting" | "live" | "lost" | "refused";

/** The state; `undefined` before the server has sent it. */
export const workbench: Signal<WorkbenchState | undefined> = signal(undefined);

/** The log of the last run. */
export const log: Signal<readonly LogLine[]> = signal([]);

/** Whether the server is there. */
export const connection: Signal<Connection> = signal(
  token === undefined ? "refused" : "connecting",
);

const RETRY_MS = 1000;

/** The server says something every five seconds. */
const SILENCE_MS = 15_000;

/** Listens to the server, for as long as the page is open. */
export async function listen(): Promise<void> {
  while (connection.value !== "refused") {
    try {
      await listenOnce();
    } catch {
      // It is gone, or not there yet.
    }
    if ((connection.value as Connection) === "refused") return;
    connection.value = "lost";
    await new Promise((done) => setTimeout(done, RETRY_MS));
  }
}

async function listenOnce(): Promise<void> {
  const silence = new AbortController();
  const response = await send("/api/events", { signal: silence.signal });
  if (response.status === 401) {
    forgetToken();
    connection.value = "refused";
    return;
  }
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const timer = setTimeout(() => silence.abort(), SILENCE_MS);
    const { done, value } = await reader.read();
    clearTimeout(timer);
    if (done) return;
    const messages = (text + value).split("\n\n");
    text = messages.pop()!;
    for (const message of messages) {
      if (message.startsWith("data: ")) hear(JSON.parse(message.slice("data: ".length)));
    }
  }
}

function hear(event: WorkbenchEvent): void {
  switch (event.type) {
    case "all":
      workbench.value = event.state;
      log.value = event.log;
      connection.value = "live";
      return;
    case "part": {
      const before = workbench.value!;
      const { run } = event.part;
      if (run !== undefined && run.number !== before.run?.number) log.value = [];
      workbench.value = { ...before, ...event.part };
      return;
    }
    case "log":
      if (event.run === workbench.value?.run?.number) log.value = [...log.value, ...event.lines];
  }
}
