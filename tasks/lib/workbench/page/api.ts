/**
 * Asks the server.
 *
 * @module
 */

import { TOKEN_HEADER } from "../wire.ts";
import { takeToken } from "./session.ts";

/** The token of this server; `undefined` where the page was opened without. */
export const token: string | undefined = takeToken();

/** The server can't do what was asked, and says why. */
export class Refusal extends Error {
  /** Tells the class apart. */
  override readonly name = "Refusal";
}

/** Sends a request with the token. */
export function send(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(path, { ...init, headers: { [TOKEN_HEADER]: token ?? "" } });
}

/**
 * Calls a function of the server.
 *
 * @throws {Refusal} It says why it can't.
 * @throws The connection is lost, or the signal was aborted.
 */
export async function ask<T>(name: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const response = await post(name, body, signal);
  return await response.json();
}

/** Calls a function that answers with a file. */
export async function askFile(name: string, body: unknown, signal?: AbortSignal): Promise<Blob> {
  return await (await post(name, body, signal)).blob();
}

async function post(name: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  let response: Response;
  try {
    response = await send(`/api/${name}`, {
      method: "POST",
      body: JSON.stringify(body ?? {}),
      signal,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal("The workbench doesn't answer. Is it still running in the terminal?");
  }
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({ error: response.statusText }));
  throw new Refusal(error);
}
