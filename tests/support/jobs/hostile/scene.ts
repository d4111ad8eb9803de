// Where a hostile job is, and what its attacks have in common.

/** What an attack knows. */
export interface Scene {
  /** A port on loopback at which nothing may arrive: TCP and UDP. */
  port: number;
  /** A folder that the job must not read or write; `secret.txt` and `secret.json` are in it. */
  outside: string;
  /** A Unix socket in it. */
  socket: string;
  /** The results database in the input mount. */
  input: string;
  /** The output mount; `old.txt` is in it. */
  output: string;
  /** The job's own staging folder. */
  staging: string;
}

/** An attack. It throws what it is refused with. */
export type Attack = (scene: Scene) => unknown;

/** Attacks by their names. */
export type Attacks = Record<string, Attack>;

/** Deno's own internals, which any code can reach. */
// deno-lint-ignore no-explicit-any
export type Core = Record<string, any>;

/** Reaches them. */
export function core(): Core {
  const { internal } = Deno as unknown as { internal: symbol };
  return (Deno as unknown as Record<symbol, { core: Core }>)[internal]!.core;
}

/** Writes a line to standard error, behind the host's back. */
export function say(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${text}\n`));
}

/** Says that the attack has begun for good: the test stops the job now. */
export function ready(): void {
  say("READY");
}

/** A module as a URL. */
export function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}

/** Starts a worker and waits for its first message. */
export async function work(source: string, options: object = {}): Promise<unknown> {
  const worker = new Worker(dataUrl(source), { type: "module", ...options });
  return await new Promise((done, fail) => {
    worker.onmessage = ({ data }) => done(data);
    worker.onerror = (event) => {
      event.preventDefault();
      fail(new Error(event.message));
    };
  });
}

/** Sends something to the host. */
export function postMessage(value: unknown): void {
  (globalThis as unknown as { postMessage(value: unknown): void }).postMessage(value);
}

/** Says that the job has ended well and closes the isolate, past the SDK. */
export async function forgeEnd(): Promise<void> {
  postMessage({ type: "done" });
  (self as unknown as { close(): void }).close();
  await sleep(1000);
}

/** Waits. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((done) => setTimeout(done, milliseconds));
}
