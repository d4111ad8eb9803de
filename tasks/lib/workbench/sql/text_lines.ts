/**
 * Splits a stream of bytes into lines of text.
 *
 * @module
 */

/** The longest line that is kept whole, in characters; what is longer is cut. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** The lines of a stream, without their line breaks; the last one too if no break follows it. */
export async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { longest = LONGEST_LINE }: { longest?: number } = {},
): AsyncGenerator<string> {
  let parts: string[] = [];
  let length = 0;
  const keep = (part: string) => {
    if (length < longest) parts.push(part.slice(0, longest - length));
    length += part.length;
  };
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    let start = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
      keep(text.slice(start, end));
      yield parts.join("");
      parts = [];
      length = 0;
      start = end + 1;
    }
    if (start < text.length) keep(text.slice(start));
  }
  if (length > 0) yield parts.join("");
}
