/**
 * Every fault in how the local engine sends, at every stage it can meet: the run ends with the right
 * exit code and message, in time, and leaves whole files or none.
 */

import { TRANSFER_FAULTS } from "../../../tasks/lib/engine/transfer_faults.ts";
import { FAILS, HEALS, LASTS, POLLS, type Rule, testFaults } from "../../support/fault_matrix.ts";

const RULES: readonly Rule[] = [
  // The connection.
  [
    /^reset@submit$/,
    LASTS.submit(/\/query: no answer: connection closed before message completed/),
  ],
  [/^reset@poll$/, LASTS.poll(/connection closed before message completed/)],
  [/^reset@download$/, LASTS.download(/connection closed before message completed/)],
  [/^(reset-once|lost-answer|cut|cut-at-\w+|chunked-cut)@/, HEALS(POLLS, /trying again/)],
  [/^(cut-always|too-long)@submit$/, LASTS.submit(/\/query: no answer: error reading a body/)],
  [/^(cut-always|too-long)@poll$/, LASTS.poll(/error reading a body/)],
  [/^(cut-always|too-long)@download$/, LASTS.download(/the connection broke/)],
  [
    /^(silent|stalled|stalled-always|slow-head)@(submit|poll)$/,
    FAILS(1, /did not succeed within 4 s/),
  ],
  [/^(silent|stalled-always|slow-head)@download$/, LASTS.download(/no byte came for 1 s/)],
  [/^stalled@download$/, HEALS(2, /no byte came for 1 s/)],
  [/^gone@submit$/, FAILS(1, /did not succeed within 4 s: .*Connection refused/)],

  // Lengths, ranges and codings.
  [/^(truncated|too-short|chunked-truncated)@(submit|poll)$/, FAILS(POLLS, /that aren't JSON/)],
  [/^truncated@download$/, FAILS(1, /is truncated: expected 8192 bytes, got 4096/)],
  [/^too-short@download$/, FAILS(1, /is truncated: expected 8192 bytes, got 8172/)],
  [
    /^chunked-truncated@download$/,
    LASTS.download(/announced no length, and the file is cut short/),
  ],
  [/^no-ranges@/, HEALS(2, /Download interrupted at 4\.0 KiB/)],
  [/^changed@/, HEALS(2, /The server sends the file from its start again/)],
  [/^lying-range@/, HEALS(3, /answered another range than was asked for/)],
  [/^(chunked|gzip|slow|extra)@/, HEALS(POLLS)],
];

testFaults(TRANSFER_FAULTS, RULES);
