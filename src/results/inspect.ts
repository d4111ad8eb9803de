import { DatabaseSync } from "node:sqlite";
import { readDatabaseHeader } from "./database_file.ts";
import { ResultsError } from "../errors.ts";
export function inspectResults(path: string, name = path): { kind: "table" | "view" } {
  readDatabaseHeader(path, name);
  using db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT type FROM sqlite_schema WHERE lower(name)='results'").get();
  if (row === undefined) {
    throw new ResultsError(`${name} has no table or view "results"; it has none at all`);
  }
  return { kind: row.type as "table" };
}
