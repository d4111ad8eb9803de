/**
 * Looks at what the tasks need: everything at once, and for a bounded time.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";

/** How long a probe that was stopped may take to end. */
const LAST_MOMENT_MS = 3000;

/** What was found. */
export interface Finding {
  /** `warning`: it is there, with a reservation. */
  status: "ok" | "warning" | "missing";
  /** What there is, or what isn't, in one sentence. */
  seen: string;
  /**
   * What to do about it.
   *
   * @default the probe's, if it is missing
   */
  remedy?: string;
}

/** One thing to look at. */
export interface Probe {
  /** What it is called. */
  name: string;
  /** What it is needed for. */
  neededFor: string;
  /** What to do where it is missing. */
  remedy: string;
  /** Without it no job runs. */
  required?: true;
  /**
   * Looks. What it throws counts as missing.
   *
   * @param signal Aborted when the time is over.
   */
  look(signal: AbortSignal): Promise<Finding>;
}

/** A finding and what it is about. */
export type Examined = Finding & Pick<Probe, "name" | "neededFor"> & {
  /** Whether no job runs without it. */
  required: boolean;
};

/** Looks at everything at once; a probe that gives no answer in time is missing. */
export async function examine(
  probes: readonly Probe[],
  { timeoutMs }: { timeoutMs: number },
): Promise<Examined[]> {
  return await Promise.all(
    probes.map(async ({ name, neededFor, remedy, required = false, look }) => {
      const finding = await inTime(look, timeoutMs);
      const toDo = finding.status === "missing" ? { remedy } : {};
      return { name, neededFor, required, ...toDo, ...finding };
    }),
  );
}

/** Whether a job runs on this machine. */
export function canRunJobs(examined: readonly Examined[]): boolean {
  return examined.every(({ required, status }) => !required || status !== "missing");
}

async function inTime(look: Probe["look"], timeoutMs: number): Promise<Finding> {
  const limit = new AbortController();
  const finding = look(limit.signal).catch((error): Finding => ({
    status: "missing",
    seen: messageOf(error),
  }));
  const inTime = await within(timeoutMs, finding);
  if (inTime !== undefined) return inTime;
  limit.abort();
  // A program that it started ends now.
  await within(LAST_MOMENT_MS, finding);
  return { status: "missing", seen: `no answer within ${timeoutMs / 1000} s` };
}

/** What a promise gives within some milliseconds; `undefined` if that takes longer. */
async function within<T>(milliseconds: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
