/**
 * The checks of an audit.
 *
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** One check of an archive, and its result. */
export interface Check {
  /** What was checked, in a word. */
  name: string;
  /** Whether it is as it should be; `warn` is for a person to judge. */
  status: "ok" | "warn" | "fail";
  /** What was found, on one line. */
  seen: string;
}

/** The result of a check. */
export type Finding = Omit<Check, "name">;

/** A check passed. */
export function ok(seen: string): Finding {
  return { status: "ok", seen };
}

/** A check found something that a person must judge. */
export function warn(seen: string): Finding {
  return { status: "warn", seen };
}

/** A check failed. */
export function fail(seen: string): Finding {
  return { status: "fail", seen };
}

/** Thrown where an audit can't go on. */
class Ended extends Error {}

const LONGEST_FINDING = 1000;

/** The list of checks as it grows. */
export class CheckList {
  /** The checks so far. */
  readonly checks: Check[] = [];

  /** Adds a check. */
  add(name: string, { status, seen }: Finding): void {
    const line = printable(seen);
    this.checks.push({
      name,
      status,
      seen: line.length > LONGEST_FINDING ? `${line.slice(0, LONGEST_FINDING)}...` : line,
    });
  }

  /** Adds a check that yields a value; a {@linkcode ToolError} is its failure, and ends the audit. */
  async step<T>(
    name: string,
    check: () => Promise<T> | T,
    seen: (value: T) => string,
  ): Promise<T> {
    let value: T;
    try {
      value = await check();
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      this.add(name, fail(error.message));
      throw new Ended();
    }
    this.add(name, ok(seen(value)));
    return value;
  }

  /** Runs an audit to its end, or to the step that ends it. */
  async untilFailure(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof Ended)) throw error;
    }
  }
}

const MOST_LISTED = 10;

/** Names a few things on one line. */
export function list(items: readonly string[]): string {
  const shown = items.slice(0, MOST_LISTED).join(", ");
  return items.length > MOST_LISTED ? `${shown} and ${items.length - MOST_LISTED} more` : shown;
}
