/**
 * What to do about the reasons for which a job would be refused.
 *
 * @module
 */

import type { Problem } from "../jobs/findings.ts";
import type { Order } from "../jobs/order.ts";

/** Says what to do about a problem. */
export function remedyOf(
  { kind }: Problem,
  { instruction, refiner, flags }: Order & { flags: string },
): string {
  switch (kind) {
    case "instruction":
      return "Give the id of a registered instruction: `deno task status --dlp DLP` lists a DLP's";
    case "image":
      return "Put the archive that was registered back at its URL, or register another";
    case "refiner":
      return "Give the id of a registered refiner";
    case "approval":
      return `Ask the DLP's owner to run \`deno task approve ${instruction} --dlp DLP ${flags}\``;
    case "query":
      return "Write the query for the refiner's schema: `deno task schema " +
        `${refiner} ${flags}\` shows it`;
    case "permission":
      return `\`deno task quote --refiner ${refiner} ${flags}\` shows which columns may be queried; ask the ` +
        "refiner's owner for a permission";
    case "unclear":
      return "Try again later, or skip this check with --unchecked";
    case "price":
      return "Deposit more with --deposit, or with `deno task funds --deposit`";
    case "pool":
      return "Give another --max-time, or try again later";
    case "tee":
      return "Try again later, or give another --max-time, which leads to another pool; --allow-http " +
        "allows plain http";
    case "deposit":
      return "Deposit less, or send money to the account first";
    case "folder":
      return "Give another folder with --output, or remove this one";
  }
}
