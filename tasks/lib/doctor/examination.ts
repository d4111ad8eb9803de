/**
 * Looks at what the tasks need: everything at once, and for a bounded time.
 *
 * @module
 */

import { messageOf } from "../../../src/errors.ts";

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
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Finding>((resolve) => {
    timer = setTimeout(() => {
      resolve({ status: "missing", seen: `no answer within ${timeoutMs / 1000} s` });
      limit.abort();
    }, timeoutMs);
  });
  try {
    return await Promise.race([look(limit.signal), late]);
  } catch (error) {
    return { status: "missing", seen: messageOf(error) };
  } finally {
    clearTimeout(timer);
  }
}
