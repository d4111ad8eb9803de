/**
 * The job's parameters, read from the environment variables that the Compute Engine sets.
 *
 * @module
 */

import { resolve } from "node:path";
import * as v from "valibot";
import { ParameterError } from "../errors.ts";
import type { QueryParam } from "../job/define_job.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../log.ts";

import {
  DEFAULT_DOWNLOAD_STALL_SECONDS,
  DEFAULT_QUERY_ENGINE_URL,
  DEFAULT_QUERY_TIMEOUT_SECONDS,
} from "../query_engine/defaults.ts";

/** What the environment says about a run. */
export interface RunParameters {
  /** The input mount, absolute. */
  inputPath: string;
  /** The output mount, absolute. */
  outputPath: string;
  /** Use the database already in the input mount, and send no query. */
  devMode: boolean;
  /** The SQL to send, exactly as signed; absent when there is none. */
  query?: string;
  /** The job owner's EIP-191 `personal_sign` of exactly `query`; set if and only if that is. */
  querySignature?: string;
  /** The values bound to the query's placeholders. */
  queryParams: QueryParam[];
  /** The same as the JSON text that came, in which numbers are exact. */
  queryParamsJson: string;
  /** The compute job's id on the network. */
  computeJobId?: number;
  /** The refiner whose schema the query is written for. */
  dataRefinerId?: number;
  /** The Query Engine's base URL. */
  queryEngineUrl: URL;
  /** Seconds a query may take, from submit to success. */
  queryTimeoutSeconds: number;
  /** Seconds without a byte after which a download is cut and resumed. */
  downloadStallSeconds: number;
  /** Further origins that may see the signature. */
  trustedOrigins: string[];
  /** Show the Query Engine's own words in messages, cleaned. */
  queryEngineDetail: boolean;
  /** The least important level that is logged. */
  logLevel: LogLevel;
  /** The shape of a log line. */
  logFormat: LogFormat;
}

/** A day: more than any engine allows a job, less than a timer can hold. */
const LONGEST_SECONDS = 86_400;

/** Reads one environment variable; `undefined` when unset. */
export type ReadVariable = (name: string) => string | undefined;

const directory = (fallback: string) =>
  v.pipe(v.optional(v.string(), fallback), v.transform((path) => resolve(path)));

const positiveInteger = v.optional(v.pipe(
  v.string(),
  v.regex(/^[0-9]+$/, (issue) => `expected a positive integer, got ${quote(issue.input)}`),
  v.transform(Number),
  v.check(
    (value) => value > 0 && Number.isSafeInteger(value),
    (issue) => `expected a positive integer, got ${issue.input}`,
  ),
));

const seconds = (fallback: number) =>
  v.pipe(
    v.optional(v.string(), String(fallback)),
    v.regex(
      /^[0-9]+(\.[0-9]+)?$/,
      (issue) => `expected a number of seconds, such as ${fallback}, got ${quote(issue.input)}`,
    ),
    v.transform(Number),
    v.check(
      (value) => value > 0 && value <= LONGEST_SECONDS,
      (issue) => `expected more than 0 and at most ${LONGEST_SECONDS} seconds, got ${issue.input}`,
    ),
  );

function choice<T extends string>(values: readonly T[], fallback: T) {
  return v.pipe(
    v.optional(v.string(), fallback),
    v.transform(normalizeChoice),
    v.picklist(values, (issue) => `expected one of ${values.join(", ")}, got ${issue.received}`),
  );
}

/** The engine's URL may hold credentials by mistake, so its text is never shown. */
const baseUrl = v.pipe(
  v.optional(v.string(), DEFAULT_QUERY_ENGINE_URL),
  v.check(
    (text) => isHttpUrl(text),
    "expected an http or https URL, such as https://query.vana.org",
  ),
  v.transform((text) => new URL(text)),
  v.check(
    (url) => url.username === "" && url.password === "",
    "expected a URL without a user name and password; the engine knows you by QUERY_SIGNATURE",
  ),
  v.check(
    (url) => url.search === "" && url.hash === "",
    "expected a base URL without ? and #, such as https://query.vana.org",
  ),
);

const origins = v.pipe(
  v.optional(v.string(), ""),
  v.transform((text) => text.split(",").map((part) => part.trim()).filter((part) => part !== "")),
  v.array(v.pipe(
    v.string(),
    v.check(
      (text) => isHttpUrl(text) && isBareOrigin(new URL(text)),
      "expected origins separated by commas, such as https://results.example.org (no path, no ?)",
    ),
    v.transform((text) => new URL(text).origin),
  )),
);

const queryParams = v.pipe(
  v.optional(v.string(), "[]"),
  v.rawTransform(({ dataset, addIssue, NEVER }): QueryParam[] => {
    let value: unknown;
    try {
      value = JSON.parse(dataset.value);
    } catch {
      addIssue({
        message: `expected a JSON array, such as ["de", 30], got ${dataset.value.length} ` +
          `characters that aren't JSON`,
      });
      return NEVER;
    }
    if (!Array.isArray(value)) {
      addIssue({ message: `expected a JSON array, such as ["de", 30], got ${kindOf(value)}` });
      return NEVER;
    }
    const odd = value.find((item) => typeof item === "object" && item !== null);
    if (odd !== undefined) {
      addIssue({
        message: "expected an array of strings, numbers, booleans and nulls, the values SQL can " +
          `bind; one item is ${kindOf(odd)}`,
      });
      return NEVER;
    }
    return value;
  }),
);

const Environment = v.object({
  INPUT_PATH: directory("/mnt/input"),
  OUTPUT_PATH: directory("/mnt/output"),
  DEV_MODE: v.pipe(
    v.optional(v.string(), ""),
    v.transform((text) => ["1", "true", "yes", "on"].includes(text.toLowerCase())),
  ),
  QUERY: v.optional(v.string()),
  QUERY_SIGNATURE: v.optional(v.pipe(
    v.string(),
    v.regex(
      /^[\x21-\x7e]+$/,
      "expected the signature as 0x and hexadecimal digits, without spaces or line breaks",
    ),
  )),
  QUERY_PARAMS: queryParams,
  COMPUTE_JOB_ID: positiveInteger,
  DATA_REFINER_ID: positiveInteger,
  QUERY_ENGINE_URL: baseUrl,
  QUERY_TIMEOUT_SECONDS: seconds(DEFAULT_QUERY_TIMEOUT_SECONDS),
  DOWNLOAD_STALL_SECONDS: seconds(DEFAULT_DOWNLOAD_STALL_SECONDS),
  QUERY_ENGINE_TRUSTED_ORIGINS: origins,
  QUERY_ENGINE_DETAIL: choice(["on", "off"], "on"),
  LOG_LEVEL: choice(LOG_LEVELS, "info"),
  LOG_FORMAT: choice(LOG_FORMATS, "text"),
});

/** The names of the variables that {@linkcode readParameters} reads. */
export const PARAMETER_NAMES: readonly string[] = Object.keys(Environment.entries);

/**
 * Reads a job's parameters. An empty variable counts as unset.
 *
 * @param read Reads one variable of the environment.
 * @returns The parameters, with defaults filled in and paths absolute.
 * @throws {ParameterError} Names every variable that is wrong, what was expected and what came; a
 * secret's value is never in the message.
 */
export function readParameters(read: ReadVariable): RunParameters {
  const variables = Object.fromEntries(
    PARAMETER_NAMES.flatMap((name) => {
      const value = read(name);
      return value === undefined || value === "" ? [] : [[name, value]];
    }),
  );
  const result = v.safeParse(Environment, variables);
  const problems = (result.issues ?? []).map((issue) =>
    `${v.getDotPath(issue)?.split(".")[0]}: ${issue.message}`
  );
  if (("QUERY" in variables) !== ("QUERY_SIGNATURE" in variables)) {
    problems.push(
      "QUERY" in variables
        ? "QUERY_SIGNATURE: not set, though QUERY is; expected the job owner's EIP-191 signature of " +
          "the query (make one with `deno task sign`)"
        : "QUERY: not set, though QUERY_SIGNATURE is; expected the SQL that was signed",
    );
  }
  if (!result.success || problems.length > 0) {
    throw new ParameterError([...new Set(problems)].join("; "));
  }
  const env = result.output;
  return {
    inputPath: env.INPUT_PATH,
    outputPath: env.OUTPUT_PATH,
    devMode: env.DEV_MODE,
    query: env.QUERY,
    querySignature: env.QUERY_SIGNATURE,
    queryParams: env.QUERY_PARAMS,
    queryParamsJson: variables.QUERY_PARAMS ?? "[]",
    computeJobId: env.COMPUTE_JOB_ID,
    dataRefinerId: env.DATA_REFINER_ID,
    queryEngineUrl: env.QUERY_ENGINE_URL,
    queryTimeoutSeconds: env.QUERY_TIMEOUT_SECONDS,
    downloadStallSeconds: env.DOWNLOAD_STALL_SECONDS,
    trustedOrigins: env.QUERY_ENGINE_TRUSTED_ORIGINS,
    queryEngineDetail: env.QUERY_ENGINE_DETAIL === "on",
    logLevel: env.LOG_LEVEL,
    logFormat: env.LOG_FORMAT,
  };
}

/** Reads the two log settings alone, so that an error in the others can be logged as asked. */
export function readLogSettings(read: ReadVariable): { level: LogLevel; format: LogFormat } {
  const setting = <T extends string>(name: string, values: readonly T[], fallback: T): T =>
    values.find((value) => value === normalizeChoice(read(name) ?? "")) ?? fallback;
  return {
    level: setting("LOG_LEVEL", LOG_LEVELS, "info"),
    format: setting("LOG_FORMAT", LOG_FORMATS, "text"),
  };
}

/** Any case, and `warn` for `warning`. */
function normalizeChoice(text: string): string {
  const lower = text.toLowerCase();
  return lower === "warn" ? "warning" : lower;
}

function quote(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && ["http:", "https:"].includes(new URL(text).protocol);
}

function isBareOrigin(url: URL): boolean {
  return url.pathname === "/" && url.search === "" && url.hash === "" && url.username === "" &&
    url.password === "";
}
