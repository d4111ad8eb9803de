/**
 * Says in which members two JSON documents differ.
 *
 * @module
 */

const LONGEST_VALUE = 80;

/**
 * Compares two values out of JSON documents.
 *
 * @param path What they are called: `config`, for example.
 * @returns A sentence for each member that differs.
 */
export function compareJson(theirs: unknown, ours: unknown, path: string): string[] {
  if (Object.is(theirs, ours)) return [];
  if (!isObject(theirs) || !isObject(ours)) {
    return [`${path} is ${show(theirs)} in the archive, ${show(ours)} here`];
  }
  const keys = new Set([...Object.keys(theirs), ...Object.keys(ours)]);
  return [...keys].flatMap((key) => {
    const [a, b] = [theirs[key], ours[key]];
    if (JSON.stringify(a) === JSON.stringify(b)) return [];
    return compareJson(a, b, `${path}.${key}`);
  });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "absent";
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}
