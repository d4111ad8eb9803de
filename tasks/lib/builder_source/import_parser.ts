/**
 * Finds what modules import, in a thread of its own that is ended when it takes too long.
 *
 * @module
 */

import { ToolError } from "../errors.ts";

/** A module to parse. */
export interface ParsedModule {
  /** Its text. */
  text: string;
  /** What messages call it. */
  path: string;
}

/** What a module imports, or why that can't be told. */
export type ParsedImports = { specifiers: string[] } | { fault: string };

/** A syntax tree takes up to 350 bytes for each: more would be too much for a small machine. */
const MOST_CHARACTERS = 1 << 20;
/** How long all modules of a source may take. Real ones take a few milliseconds each. */
const PATIENCE_MS = 20_000;

/** Parses the modules of one source. */
export class ImportParser implements Disposable {
  readonly #worker = new Worker(new URL("./imports_worker.ts", import.meta.url), {
    type: "module",
    deno: { permissions: "none" },
  });
  readonly #deadline = performance.now() + PATIENCE_MS;

  /**
   * Reads what a module imports, type imports left out.
   *
   * @throws {ToolError} It can't be parsed, is too long or takes too long, or computes the name of what it
   * imports.
   */
  async importsOf(module: ParsedModule): Promise<string[]> {
    if (module.text.length > MOST_CHARACTERS) {
      throw new ToolError(
        `${module.path} has ${module.text.length} characters; the limit is ${MOST_CHARACTERS}`,
      );
    }
    const { promise, resolve } = Promise.withResolvers<ParsedImports>();
    this.#worker.onmessage = ({ data }) => resolve(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      resolve({ fault: `${module.path} can't be parsed: ${event.message}` });
    };
    const timer = setTimeout(
      () => resolve({ fault: `${module.path} can't be parsed: it takes too long` }),
      this.#deadline - performance.now(),
    );
    this.#worker.postMessage(module);
    const found = await promise;
    clearTimeout(timer);
    if ("fault" in found) throw new ToolError(found.fault);
    return found.specifiers;
  }

  /** Ends the thread, whatever it is at. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
  }
}
