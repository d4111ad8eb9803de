/**
 * Reads the values of command line options, for commander's `argParser`.
 *
 * @module
 */

import { InvalidArgumentError } from "@commander-js/extra-typings";

/** The bounds of a number. */
export interface NumberBounds {
  /**
   * The least that is accepted.
   *
   * @default 0
   */
  min?: number;
  /**
   * The most that is accepted.
   *
   * @default no bound
   */
  max?: number;
}

/**
 * Reads a whole number.
 *
 * @returns A parser that throws commander's `InvalidArgumentError` for anything else.
 */
export function wholeNumber({ min = 0, max = Number.MAX_SAFE_INTEGER }: NumberBounds = {}): (
  text: string,
) => number {
  return (text) => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a whole number ${describeBounds(min, max)}`);
  };
}

/**
 * Reads a number of seconds or minutes, which may have decimals.
 *
 * @returns A parser that throws commander's `InvalidArgumentError` for anything else.
 */
export function decimal({ min = 0, max = Number.MAX_SAFE_INTEGER }: NumberBounds = {}): (
  text: string,
) => number {
  return (text) => {
    const value = /^\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`expected a number ${describeBounds(min, max)}`);
  };
}

/** The largest number that fits a `uint256`, Solidity's type for ids and amounts. */
const LARGEST_UINT256 = 2n ** 256n - 1n;

/**
 * Reads an id of a contract: a whole number from 1 on that fits a `uint256`.
 *
 * @throws {InvalidArgumentError} It is anything else.
 */
export function contractId(text: string): bigint {
  const id = /^\d{1,78}$/.test(text) ? BigInt(text) : 0n;
  if (id > 0n && id <= LARGEST_UINT256) return id;
  throw new InvalidArgumentError("expected a whole number above 0");
}

/**
 * Reads a SHA-256: 64 hexadecimal digits, perhaps after `sha256:` or `0x`.
 *
 * @returns The digits, in lower case.
 * @throws {InvalidArgumentError} It is anything else.
 */
export function sha256Hex(text: string): string {
  const [, hex] = /^(?:sha256:|0x)?([0-9a-f]{64})$/i.exec(text) ?? [];
  if (hex !== undefined) return hex.toLowerCase();
  throw new InvalidArgumentError("expected a SHA-256: 64 hexadecimal digits");
}

/**
 * Reads the name of a commit: 40 hexadecimal digits.
 *
 * @returns The digits, in lower case.
 * @throws {InvalidArgumentError} It is anything else, such as a branch or a shortened name.
 */
export function commitHex(text: string): string {
  if (/^[0-9a-f]{40}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError("expected a commit: 40 hexadecimal digits");
}

/**
 * Reads the name of a library on npm: `npm:NAME`, or `npm:NAME@VERSION`.
 *
 * @throws {InvalidArgumentError} It is anything else.
 */
export function npmLibrary(text: string): { name: string; range?: string } {
  const [, name, range] =
    /^npm:\/?((?:@[\w.~-]+\/)?[a-z\d~-][\w.~-]*)(?:@([\w.^~<>=*+-]+))?$/i.exec(text) ?? [];
  if (name !== undefined) return { name, range };
  throw new InvalidArgumentError("expected npm:NAME or npm:NAME@VERSION");
}

function describeBounds(min: number, max: number): string {
  return max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`;
}
