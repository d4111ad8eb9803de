/**
 * Where an archive differs from the one made again, and what that means.
 *
 * @module
 */

/** The parts of an archive that can differ, in the order of their weight, and what it means if they do. */
export const MEANINGS = {
  runtime: "the runtime isn't the trusted one: it runs everything, so it could do anything",
  host: "the host isn't this checkout's: it starts the job and keeps it in its isolate",
  rights: "the binary has other rights than its program asks for and its host needs",
  start: "Deno would run the binary with other settings",
  program: "the binary holds other files, or holds them in another way",
  base: "the base isn't the one that is trusted here: its libraries run in the same process",
  config: "the image would be started in another way, or says something else of itself",
  packing: "the archive is packed in another way, so tools may find another image in it",
} as const;

/** A part of an archive. */
export type Part = keyof typeof MEANINGS;

/** One difference. */
export interface Difference {
  /** Where it is. */
  part: Part;
  /** What it is, for an expert. It is safe to print. */
  seen: string;
}

/** Says what differences mean, a sentence each. */
export function meaningsOf(differences: readonly Difference[]): string[] {
  const parts = new Set(differences.map(({ part }) => part));
  return (Object.keys(MEANINGS) as Part[]).filter((part) => parts.has(part))
    .map((part) => MEANINGS[part]);
}

/** Makes differences of one part. */
export function differencesIn(part: Part, seen: readonly string[]): Difference[] {
  return seen.map((seen) => ({ part, seen }));
}
