/**
 * Addresses that give one artifact once, for the places where a browser sends no token: a download and
 * a frame.
 *
 * @module
 */

/** What a pass is good for. */
export interface Pass {
  /** The artifact's name. */
  name: string;
  /** To be saved, or to be shown in a frame. */
  use: "download" | "frame";
}

const VALID_MS = 30_000;

/** The passes that were given out and not used yet. */
export class Passes {
  readonly #passes = new Map<string, Pass & { until: number }>();

  /** Makes a pass, and returns its id. */
  issue(pass: Pass): string {
    const now = Date.now();
    for (const [id, { until }] of this.#passes) if (until < now) this.#passes.delete(id);
    const id = crypto.randomUUID();
    this.#passes.set(id, { ...pass, until: now + VALID_MS });
    return id;
  }

  /** Takes a pass back; `undefined` where it isn't valid any more. */
  redeem(id: string): Pass | undefined {
    const pass = this.#passes.get(id);
    this.#passes.delete(id);
    return pass !== undefined && pass.until >= Date.now() ? pass : undefined;
  }
}
