// Parses modules beside the main thread, which can end it: there is text on which a parser takes for ever.

import { messageOf } from "../../../src/errors.ts";
import { importsOf } from "./imports_of.ts";
import type { ParsedImports, ParsedModule } from "./import_parser.ts";

/** What of a worker's global scope is used; the types of a checkout are the main thread's. */
interface WorkerScope {
  onmessage: (event: MessageEvent<ParsedModule>) => void;
  postMessage(message: ParsedImports): void;
}

const scope = self as unknown as WorkerScope;
scope.onmessage = ({ data: { text, path } }) => {
  try {
    scope.postMessage({ specifiers: importsOf(text, path) });
  } catch (error) {
    scope.postMessage({ fault: messageOf(error) });
  }
};
