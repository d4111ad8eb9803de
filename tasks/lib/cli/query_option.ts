/**
 * Reads the query of a task: from an option, a file, or standard input.
 *
 * @module
 */

import { note } from "../cli.ts";
import { ToolError } from "../errors.ts";
import { personPath } from "../person_path.ts";

/** Where a query comes from; without either, from standard input. */
export interface QuerySource {
  /** The query itself. */
  query?: string;
  /** A file that holds it; every byte of it counts. */
  file?: string;
}

/**
 * Reads a query, byte for byte: another byte would be another query.
 *
 * @throws {ToolError} It is given twice, can't be read, or isn't UTF-8.
 */
export async function readQueryText({ query, file }: QuerySource): Promise<string> {
  if (query !== undefined && file !== undefined) {
    throw new ToolError("Give --query or --file, not both");
  }
  return query ?? (file === undefined ? await readStandardInput() : readQueryFile(file));
}

function readQueryFile(file: string): string {
  try {
    return decode(Deno.readFileSync(personPath(file)));
  } catch (error) {
    if (error instanceof ToolError) throw error;
    throw new ToolError(`Can't read ${file}; expected a file that holds the SQL`);
  }
}

async function readStandardInput(): Promise<string> {
  if (Deno.stdin.isTerminal()) note("Type the query, then press Ctrl-D:");
  return decode(await new Response(Deno.stdin.readable).bytes());
}

/** A replaced byte would change what is signed, in silence; so would a byte order mark. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ToolError("The query isn't UTF-8; save it as UTF-8");
  }
}
