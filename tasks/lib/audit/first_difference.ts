/**
 * Finds where two streams of bytes begin to differ, in constant memory.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readFile } from "../hash_stream.ts";

/**
 * The offset of the first byte in which two streams differ, or at which only one of them ends.
 *
 * @returns `undefined` if they are the same.
 * @throws What a stream throws before they differ.
 */
export async function firstDifference(
  a: ReadableStream<Uint8Array>,
  b: ReadableStream<Uint8Array>,
): Promise<number | undefined> {
  const readers = [a.getReader(), b.getReader()] as const;
  try {
    let [left, right]: (Uint8Array | undefined)[] = [new Uint8Array(), new Uint8Array()];
    for (let offset = 0;;) {
      // `undefined` stands for a stream's end.
      if (left?.length === 0) left = (await readers[0].read()).value;
      if (right?.length === 0) right = (await readers[1].read()).value;
      if (left === undefined && right === undefined) return undefined;
      if (left?.length === 0 || right?.length === 0) continue;
      const length = Math.min(left?.length ?? 0, right?.length ?? 0);
      const [one, other] = [left?.subarray(0, length), right?.subarray(0, length)];
      if (one === undefined || other === undefined) return offset;
      if (Buffer.compare(one, other) !== 0) {
        return offset + one.findIndex((byte, at) => byte !== other[at]);
      }
      offset += length;
      left = left!.subarray(length);
      right = right!.subarray(length);
    }
  } finally {
    await Promise.all(readers.map((reader) => reader.cancel().catch(() => {})));
  }
}

/** The offset of the first byte in which two files differ; see {@linkcode firstDifference}. */
export async function firstFileDifference(a: string, b: string): Promise<number | undefined> {
  return await firstDifference(await readFile(a), await readFile(b));
}
