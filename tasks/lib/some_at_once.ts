/**
 * Work on many things, a few of them at a time.
 *
 * @module
 */

/**
 * Does some work for each item, for a few items at a time.
 *
 * @returns The results, in the order of the items.
 */
export async function mapSomeAtOnce<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const left = items.entries();
  const workers = Array.from({ length: atOnce }, async () => {
    for (const [at, item] of left) results[at] = await work(item);
  });
  await Promise.all(workers);
  return results;
}
