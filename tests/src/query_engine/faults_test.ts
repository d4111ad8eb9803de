/**
 * Every fault in what the local engine says, at every stage it can meet: the run ends with the right
 * exit code and message, in time, and leaves whole files or none.
 */

import { ANSWER_FAULTS } from "../../../tasks/lib/engine/answer_faults.ts";
import { FAILS, HEALS, LASTS, POLLS, type Rule, testFaults } from "../../support/fault_matrix.ts";

const RULES: readonly Rule[] = [
  // Statuses: those that may pass are retried, the others end it at once.
  [/^status-(429|503)@submit$/, FAILS(12, /did not succeed within 4 s: .*answered (429|503)/)],
  [
    /^(status-(408|500|502|504|520)|5xx)@submit$/,
    LASTS.submit(/\/query: the Query Engine answered \d+/),
  ],
  [/^(status-(408|429|500|502|503|504|520)|5xx)@poll$/, LASTS.poll(/answered \d+/)],
  [/^(status-(408|429|500|502|503|504|520)|5xx)@download$/, LASTS.download(/answered \d+/)],
  [/^status-(401|403|404|410)@download$/, FAILS(2, /answered \d+, and the fresh URL was refused/)],
  [/^status-(401|403)@/, FAILS(1, /answered 40[13]; QUERY_SIGNATURE must be the job owner's/)],
  [/^status-204@download$/, FAILS(1, /answered 204; expected 200 and a SQLite database/)],
  [/^status-204@/, FAILS(1, /answered 204 with 0 characters that aren't JSON/)],
  [/^(status-\d+|4xx)@download$/, FAILS(1, /answered \d+; expected 200 and a SQLite database/)],
  [/^status-\d+@/, FAILS(1, /the Query Engine answered \d+/)],
  [/^4xx@/, FAILS(1, /answered 422: body\.refiner_id: Field required/)],
  [/^busy@submit$/, HEALS(3, /answered 503: Too many queries/)],
  [/^busy@poll$/, HEALS(POLLS, /answered 503: Too many queries/)],
  [/^busy@download$/, HEALS(3, /answered 503; trying again in 1\.0 s/)],
  [/^busy-date@/, HEALS(POLLS, /answered 429/)],
  [/^busy-for-long@/, FAILS(1, /answered 503.* asks to wait 3600 s/)],

  // What is sent.
  [/^(html|empty|garbage|invalid-json)@(submit|poll)$/, FAILS(1, /characters that aren't JSON/)],
  [/^wrong-shape@/, FAILS(1, /query_(id|status) missing or of another type/)],
  [/^huge-json@/, FAILS(1, /longer than 1048576 bytes/)],
  [/^html@download$/, FAILS(1, /is an HTML page; expected a SQLite database/)],
  [/^empty@download$/, FAILS(1, /is empty \(0 bytes\)/)],
  [/^garbage@download$/, FAILS(1, /is encrypted or not a database/)],
  [/^other-database@download$/, FAILS(1, /has no table or view "results".*"something_else"/)],

  // Where it leads.
  [/^redirect-other-origin@download$/, HEALS(2)],
  [/^redirect-other-origin@/, FAILS(1, /redirects to another origin, http:\/\/127/)],
  [/^redirect-loop@download$/, FAILS(6, /redirected more than 5 times/)],
  [/^redirect-loop@/, FAILS(4, /redirected more than 3 times/)],
  [/^other-origin@/, HEALS(POLLS)],
  [/^file-url@/, FAILS(POLLS, /a results URL that isn't http or https/)],
  [/^expired@/, HEALS(2, /answered 403; asking the Query Engine for a fresh URL/)],
  [/^cancelled@/, FAILS(1, /with the status "cancelled" on the Query Engine: Stopped by an op/)],
  [/^failed@/, FAILS(1, /The query failed on the Query Engine: The refiner is not available/)],
  [/^pending@/, FAILS(POLLS, /did not succeed within 4 s: .*still pending/)],
  [/^no-url@/, FAILS(POLLS, /succeeded but names no results URL/)],
  [/^results-refused@poll$/, FAILS(POLLS, /5 attempts in a row .*Connection refused/)],
  [/^results-unresolvable@poll$/, FAILS(POLLS, /results\.invalid can't be resolved: dns error/)],
];

testFaults(ANSWER_FAULTS, RULES, ["status-"]);
