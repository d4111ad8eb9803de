/**
 * Runs many at once, but not too many.
 *
 * @module
 */

/** Makes a function that starts work when fewer than `most` are under way. */
export function limited(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((start) => waiting.push(start));
    else running++;
    try {
      return await work();
    } finally {
      // A place is handed on, or given up.
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
