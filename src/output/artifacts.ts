export type { Artifacts, CsvOptions } from "./staging.ts";
