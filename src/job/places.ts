/**
 * Where an error was thrown, without the paths of the machine it was thrown on.
 *
 * @module
 */

const MOST_PLACES = 5;

/** The end of a stack's line: `(file:///.../main.ts:12:5)`. */
const PLACE = /\(?((?:file|https?|npm|data|blob):[^\s()]*:\d+:\d+)\)?$/;

/**
 * The places in an error's stack that are below a folder, innermost first, at most five.
 *
 * @param error What was thrown.
 * @param root The folder's URL, with a slash at its end.
 * @returns Places like `main.ts:12:5`, relative to the folder.
 */
export function placesIn(error: unknown, root: string): string[] {
  const stack = error instanceof Error && typeof error.stack === "string" ? error.stack : "";
  return stack.split("\n")
    .flatMap((line) => PLACE.exec(line.trim())?.[1] ?? [])
    .filter((place) => place.startsWith(root))
    .map((place) => place.slice(root.length))
    .slice(0, MOST_PLACES);
}
