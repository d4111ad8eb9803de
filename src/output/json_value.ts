/**
 * Values as JSON can hold them.
 *
 * @module
 */

import { ArtifactError } from "../errors.ts";
import { printable } from "../printable.ts";
import { toHexadecimal } from "./hexadecimal.ts";

/** Converts values to ones that `JSON.stringify` writes without a loss. */
export class JsonConverter {
  readonly #name: string;
  /** The keys that lead to the value at hand. */
  readonly #path: (string | number)[] = [];
  /** The objects on that way. */
  readonly #around: object[] = [];

  /** @param name The artifact's name, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /**
   * Whether an object's own members are all there is to it: it is a literal, or of a class of its
   * author's. A built-in class has content elsewhere.
   */
  static isPlain(value: object): boolean {
    return Object.prototype.toString.call(value) === "[object Object]";
  }

  /**
   * Converts a value.
   *
   * @param path The keys that lead to it, for messages.
   * @throws {ArtifactError} JSON can't hold it.
   */
  convert(value: unknown, ...path: (string | number | undefined)[]): unknown {
    this.#path.splice(0, Infinity, ...path.filter((key) => key !== undefined));
    this.#around.length = 0;
    try {
      return this.#value(value);
    } catch (error) {
      if (error instanceof RangeError && /call stack/.test(error.message)) {
        throw this.#error("is nested too deeply");
      }
      throw error;
    }
  }

  #value(value: unknown): unknown {
    if (typeof value === "object" && value !== null) return this.#object(value);
    if (typeof value === "number" && !Number.isFinite(value)) throw this.#error(`is ${value}`);
    if (typeof value === "bigint") return String(value);
    if (value === undefined) throw this.#error("is undefined");
    if (typeof value === "function" || typeof value === "symbol") {
      throw this.#error(`is a ${typeof value}`);
    }
    return value;
  }

  #object(value: object): unknown {
    // Buffer has a toJSON, which would write it otherwise than any other bytes.
    if (value instanceof Uint8Array) return this.#members(value);
    if (value instanceof Date && Number.isNaN(value.getTime())) {
      throw this.#error("is an invalid date");
    }
    const { toJSON } = value as { toJSON?: unknown };
    if (typeof toJSON === "function") {
      const key = String(this.#path.at(-1) ?? "");
      const replaced: unknown = toJSON.call(value, key);
      if (typeof replaced !== "object" || replaced === null) return this.#value(replaced);
      return this.#members(replaced);
    }
    return this.#members(value);
  }

  #members(value: object): unknown {
    if (value instanceof Uint8Array) return toHexadecimal(value);
    if (value instanceof String || value instanceof Number || value instanceof Boolean) {
      return this.#value(value.valueOf());
    }
    if (this.#around.includes(value)) throw this.#error("contains itself");
    this.#around.push(value);
    const converted = value instanceof Map
      ? this.#map(value)
      : Array.isArray(value) || value instanceof Set
      ? this.#array([...value])
      : this.#record(value);
    this.#around.pop();
    return converted;
  }

  #array(items: readonly unknown[]): unknown[] {
    return items.map((item, at) => this.#at(at, () => this.#value(item)));
  }

  #map(map: ReadonlyMap<unknown, unknown>): unknown {
    for (const key of map.keys()) {
      if (typeof key !== "string") {
        throw this.#error(`is a Map with a key that is a ${typeof key}; expected strings`);
      }
    }
    return this.#entries(map.entries() as Iterable<[string, unknown]>);
  }

  #record(value: object): unknown {
    if (Symbol.iterator in value || Symbol.asyncIterator in value) {
      throw this.#error("is something to iterate over; make an array of it, as in [...rows]");
    }
    if (!JsonConverter.isPlain(value)) {
      const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
      throw this.#error(kind === "Promise" ? "is a Promise; await it" : `is a ${kind}`);
    }
    return this.#entries(Object.entries(value));
  }

  #entries(entries: Iterable<[string, unknown]>): Record<string, unknown> {
    // Without a prototype, so that `__proto__` is a key like any other.
    const converted: Record<string, unknown> = Object.create(null);
    for (const [key, value] of entries) {
      if (value !== undefined) converted[key] = this.#at(key, () => this.#value(value));
    }
    return converted;
  }

  #at<T>(key: string | number, act: () => T): T {
    this.#path.push(key);
    const result = act();
    this.#path.pop();
    return result;
  }

  #error(problem: string): ArtifactError {
    return new ArtifactError(
      `${this.#name} can't be written as JSON: ${formatPath(this.#path)} ${printable(problem)}`,
    );
  }
}

/** A path as JavaScript has it, such as `$.rows[3].x`, with a long one's middle left out. */
function formatPath(path: readonly (string | number)[]): string {
  const steps = path.map((key) =>
    typeof key === "string" && /^[A-Za-z_$][\w$]*$/.test(key)
      ? `.${key}`
      : `[${printable(JSON.stringify(key))}]`
  );
  const shown = steps.length > 20 ? [...steps.slice(0, 10), "...", ...steps.slice(-9)] : steps;
  return `$${shown.join("")}`;
}
