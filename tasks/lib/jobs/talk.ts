/**
 * How a job is talked over with the person who submits it.
 *
 * @module
 */

import type { Conversation } from "../chain/change.ts";
import type { OnProgress } from "../screen/progress.ts";

/** What a person is told while a job is followed. */
export interface JobTalk {
  /** Shows a change. */
  say(text: string): void;
  /** Shows something that the person should know and that stops nothing. */
  warn(text: string): void;
  /** Shows a line of the job's log. */
  showLog(line: string): void;
  /** Does some work, and shows how far it has come. */
  withProgress<T>(work: (onProgress: OnProgress) => Promise<T>): Promise<T>;
}

/** What a person is told and asked while a job is submitted. */
export type SubmitTalk = JobTalk & Conversation;
