/**
 * Numbers that suit a column's name.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";

/** The least and the most; `skewed` if small ones are likelier. */
type Range = readonly [min: number, max: number, skewed?: "skewed"];

/** The first that matches a name counts; names are in lower case, with underscores between words. */
const RANGES: readonly (readonly [RegExp, Range])[] = [
  [/percent|(^|_)pct|popularity|progress/, [0, 100]],
  [/latitude|^lat$/, [-90, 90]],
  [/longitude|^lon$|^lng$/, [-180, 180]],
  [/account_age|_days$/, [1, 1500]],
  [/(^|_)age$/, [18, 90]],
  [/^year|_year$/, [1990, 2025]],
  [/^month|_month$/, [1, 12]],
  [/day_of_week|weekday/, [0, 6]],
  [/day_of_month|^day$/, [1, 28]],
  [/hour(_of|$)/, [0, 23]],
  [/temperature|^temp$/, [-10, 40]],
  [/height/, [150, 200]],
  [/weight/, [45, 120]],
  [/heart_?rate|bpm|pulse/, [50, 160]],
  [/(^|_)ratio|probability|confidence|_rate$/, [0, 1]],
  [/rating|stars/, [1, 5]],
  [/score|level|pain|severity|intensity/, [0, 10]],
  [/(_|^)(ms|millis)/, [1000, 600_000]],
  [/seconds|duration|_secs?$|time_spent/, [1, 7200, "skewed"]],
  [/minutes/, [1, 5000, "skewed"]],
  [/price|amount|cost|(^|_)fee|value|balance|revenue|(^|_)spen[dt]/, [1, 5000, "skewed"]],
  [/bytes|size/, [100, 5_000_000, "skewed"]],
  [/follower|views|reach|impression/, [0, 100_000, "skewed"]],
  [/(^|_)counts?(_|$)|total|(^|_)num(ber)?(_|$)|length|quantity|clicks|likes/, [0, 1000, "skewed"]],
];
const ANY: Range = [0, 1000];
/** On a scale of few steps, as in a questionnaire. */
const FEW: Range = [1, 5];

const INSTANT = /(_at|_on|_time|timestamp|_date)$|^(date|time|unixtime)/;

/**
 * A number for a name.
 *
 * @param whole Whether it must be an integer.
 */
export function numberByName(name: string, { whole }: { whole: boolean }): number {
  if (INSTANT.test(name)) {
    const milliseconds = faker.date.past({ years: 2 }).getTime();
    return /(^|_)ms($|_)|millis/.test(name) ? milliseconds : Math.floor(milliseconds / 1000);
  }
  const known = RANGES.find(([pattern]) => pattern.test(name))?.[1];
  const [min, max, skewed] = known ?? (whole && !name.includes("_") ? FEW : ANY);
  const part = faker.number.float({ min: 0, max: 1 });
  const number = min + (max - min) * (skewed === undefined ? part : part ** 3);
  return whole ? Math.round(number) : Math.round(number * 100) / 100;
}
