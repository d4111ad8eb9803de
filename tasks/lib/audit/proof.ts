/**
 * What a proof of an archive found.
 *
 * @module
 */

import type { JobNetwork } from "../../../src/job/define_job.ts";
import type { Difference } from "./difference.ts";
import type { SourceComparison } from "../builder_source/compare_source.ts";

/**
 * How a proof ended: the archive is what `export` makes of trusted parts and its job's program; it isn't; or
 * that can't be told.
 */
export type Verdict = "proved" | "differs" | "unknown";

/** Something that was found, with its name. */
export interface Fact {
  /** What it is, in a word. */
  name: string;
  /** What was found, on one line. It is safe to print. */
  seen: string;
}

/** The program of an archive's job. It is the builder's own, and nothing proves what it means. */
export interface ProgramReport {
  /** The job's name. */
  name: string;
  /** The hosts that its isolate may connect to. */
  network: JobNetwork;
  /** Whether it is the stock relay, which is the host's own code: then there is no program to read. */
  stock: boolean;
  /** Its length in bytes. */
  size: number;
  /** Its SHA-256, in hexadecimal. */
  sha256: string;
}

/** What a proof of an archive found. */
export interface Proof {
  /** How it ended. */
  verdict: Verdict;
  /** Why it isn't proved, a sentence each; none if it is. They are safe to print. */
  reasons: string[];
  /** Where it differs from the archive made again, for an expert. */
  differences?: Difference[];
  /** What to do, where it can't be told. */
  remedy?: string;
  /** The version of Deno that can tell, if this one can't. */
  deno?: string;
  /** What a person should know, whatever the verdict. */
  notes: string[];
  /** The archive. */
  archive: {
    /** Its SHA-256, in hexadecimal: what is registered. */
    sha256: string;
    /** Its length in bytes. */
    size: number;
    /** What the SHA-256 was compared with, in words; absent if with nothing. */
    comparedWith?: string;
  };
  /** What it was made again from, if it was. */
  parts: Fact[];
  /** Whether its runtime is that of `deno task denort`, if the proof came so far. */
  onTestRuntime?: boolean;
  /** Its job's program, if the proof came so far. */
  program?: ProgramReport;
  /** The labels that its builder chose: claims that nothing proves. */
  labels: Record<string, string>;
  /** What the builder's source makes, if it was compared with the program. */
  source?: SourceComparison;
  /** What an archive holds that `export` didn't write, as far as it can be read. */
  contents?: Fact[];
}
