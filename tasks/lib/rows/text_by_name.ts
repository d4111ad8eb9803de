/**
 * Text that suits a column's name.
 *
 * @module
 */

import { faker } from "@faker-js/faker/locale/en";

/** Makes a text. */
type MakeText = () => string;

const LOCALES = ["en-US", "pt-BR", "de-DE", "ja-JP", "fr-FR", "es-MX", "ko-KR", "hi-IN", "sv-SE"];
const MOODS = ["calm", "tired", "happy", "anxious", "sad", "hopeful", "angry", "content"];
const STATUSES = ["active", "pending", "inactive", "completed", "failed"];
const SOURCES = ["google", "spotify", "telegram", "netflix", "instagram", "manual"];
const DEVICES = ["iPhone", "Android phone", "MacBook", "Windows PC", "Smart TV", "iPad"];
const PLANS = ["free", "premium", "family", "student"];
const LEVELS = ["low", "medium", "high"];

function oneOf(values: readonly string[]): MakeText {
  return () => faker.helpers.arrayElement(values);
}

/** A day before the reference date, in ISO 8601. */
function instant(): string {
  return faker.date.past({ years: 2 }).toISOString();
}

/**
 * The first that matches a name counts; names are in lower case, with underscores between words. Addresses
 * are of domains and networks that are reserved for examples (RFC 2606, RFC 5737).
 */
const MAKERS: readonly (readonly [RegExp, MakeText])[] = [
  [/e_?mail/, () => faker.internet.exampleEmail().toLowerCase()],
  [/(^|_)uuid|guid/, () => faker.string.uuid()],
  [
    /(sha|hash|digest|checksum|fingerprint)/,
    () => faker.string.hexadecimal({ length: 64, casing: "lower", prefix: "" }),
  ],
  [
    /tx(n|_hash|_id)|transaction_hash/,
    () => faker.string.hexadecimal({ length: 64, casing: "lower" }),
  ],
  [/wallet|(^|_)(eth|evm)_?address|^address$|contract/, () => faker.finance.ethereumAddress()],
  [/ip(_address|v4)?$|^ip_/, () => faker.internet.ipv4({ network: "test-net-1" })],
  [/user_agent/, () => faker.internet.userAgent()],
  [
    /(^|_)(url|uri|link|website|homepage|image|avatar|photo|thumbnail)s?$/,
    () => `https://example.com/${faker.lorem.slug(2)}`,
  ],
  [
    /domain|host(name)?$/,
    () => faker.helpers.arrayElement(["example.com", "example.org", "example.net"]),
  ],
  [/unix_?time|epoch/, () => String(Math.floor(faker.date.past({ years: 2 }).getTime() / 1000))],
  [
    /duration|time_spent|elapsed/,
    () =>
      `0${faker.number.int(4)}:${faker.number.int({ min: 10, max: 59 })}:${
        faker.number.int({ min: 10, max: 59 })
      }`,
  ],
  [/birth|dob$/, () => faker.date.birthdate().toISOString().slice(0, 10)],
  [/(^|_)(date|day)$/, () => instant().slice(0, 10)],
  [/(_at|_on|time|timestamp|_date|since|until)$|^date_|datetime/, instant],
  [/locale/, oneOf(LOCALES)],
  [/time_?zone|^tz$/, () => faker.location.timeZone()],
  [/language|^lang$/, oneOf(["en", "pt", "de", "ja", "fr", "es", "python", "typescript"])],
  [/country_?code|^country$|nationality/, () => faker.location.countryCode()],
  [/country/, () => faker.location.country()],
  [/city|town/, () => faker.location.city()],
  [/(^|_)(state|region|province)$/, () => faker.location.state()],
  [/zip|postal|postcode/, () => faker.location.zipCode()],
  [/street|address/, () => faker.location.streetAddress()],
  [/location|place/, () => `${faker.location.city()}, ${faker.location.countryCode()}`],
  [/phone|mobile|msisdn/, () => `+1-555-01${faker.string.numeric(2)}`],
  [/currency|asset|coin|token_symbol|^symbol$|ticker/, oneOf(["USD", "EUR", "BTC", "ETH", "VANA"])],
  [/first_?name|given_?name/, () => faker.person.firstName()],
  [/last_?name|family_?name|surname/, () => faker.person.lastName()],
  [/user_?name|login|handle|nick|screen_?name/, () => faker.internet.username().toLowerCase()],
  [
    /(^|_)(artist|author|sender|owner|person|patient|contact|creator|member|profile)(_name)?$|full_?name|display_?name/,
    () => faker.person.fullName(),
  ],
  [/(file_?)?path$|^file$/, () => `src/${faker.system.commonFileName("ts")}`],
  [/file_?name/, () => faker.system.commonFileName()],
  [/mime|content_?type|media_?type/, oneOf(["text", "image", "video", "audio"])],
  [/company|organi[sz]ation|employer|brand|vendor|merchant/, () => faker.company.name()],
  [/job|occupation|profession/, () => faker.person.jobTitle()],
  [/gender|^sex$/, oneOf(["female", "male", "non-binary", "prefer not to say"])],
  [/race|ethnic/, oneOf(["asian", "black", "hispanic", "white", "mixed", "other"])],
  [/age_(range|group)/, oneOf(["18-24", "25-34", "35-44", "45-54", "55-64", "65+"])],
  [/mood|feeling|emotion/, oneOf(MOODS)],
  [/skill|level|severity|priority|intensity/, oneOf(LEVELS)],
  [/status|state/, oneOf(STATUSES)],
  [/source|platform|provider|channel|origin/, oneOf(SOURCES)],
  [/device/, oneOf(DEVICES)],
  [/browser/, oneOf(["Chrome", "Firefox", "Safari", "Edge"])],
  [/(^|_)os$|operating_system/, oneOf(["iOS", "Android", "macOS", "Windows", "Linux"])],
  [/plan|product|tier|subscription/, oneOf(PLANS)],
  [/version/, () => faker.system.semver()],
  [/model/, oneOf(["model-small", "model-large", "model-mini"])],
  [/license/, oneOf(["MIT", "Apache-2.0", "CC-BY-4.0"])],
  [/colou?r/, () => faker.color.human()],
  [/genre/, () => faker.music.genre()],
  [/song|track(_name)?$|album/, () => faker.music.songName()],
  [/movie|title|headline|subject/, () => faker.lorem.words({ min: 2, max: 5 })],
  [/tags?$|keywords?$|hashtag/, () => faker.lorem.word()],
  [/food|meal|dish|ingredient/, () => faker.food.dish()],
  [/drug|medication|display/, oneOf(["Ibuprofen", "Metformin", "Lisinopril", "Vitamin D"])],
  [/code$/, () => faker.string.alphanumeric({ length: 6, casing: "upper" })],
  [/(^|_)(type|kind|category|class|group)$/, oneOf(["standard", "special", "other"])],
  [/name$/, () => faker.person.fullName()],
  [
    /descri|comment|content|text|message|body|note|detail|prompt|response|summary|bio|reason|thing|instruction|history|input|output|error/,
    () => faker.lorem.sentence(),
  ],
];

/** Text for a name; `undefined` if the name says nothing. */
export function textByName(name: string): string | undefined {
  return MAKERS.find(([pattern]) => pattern.test(name))?.[1]();
}
