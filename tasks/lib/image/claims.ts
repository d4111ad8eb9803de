/**
 * The labels by which a builder says what an image is: its title, its source. Nothing proves them.
 *
 * @see https://github.com/opencontainers/image-spec/blob/main/annotations.md
 * @module
 */

import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

const PREFIX = "org.opencontainers.image.";
const MOST_LABELS = 100;
const LONGEST_TEXT = 4096;

/** Those of an image's labels that are claims. */
export function claimsIn(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).filter(([name]) => name.startsWith(PREFIX)),
  );
}

/** A claim's name for a person. No two labels have the same: one could pass for the other. */
export function claimName(label: string): string {
  return label.slice(PREFIX.length);
}

/**
 * Makes sure that labels of a Dockerfile are claims: others could mean something to what runs the image.
 *
 * @throws {ToolError} One isn't.
 */
export function expectClaims(labels: Record<string, string>): void {
  const other = Object.keys(labels).find((name) => !name.startsWith(PREFIX));
  if (other === undefined) return;
  throw new ToolError(
    `The label ${
      printable(other)
    } can't be exported, as an audit takes only labels that begin with ` +
      `${PREFIX}; remove it from the Dockerfile, or use ${PREFIX}title or ${PREFIX}description`,
  );
}

/**
 * Makes sure that a person can read labels as they are.
 *
 * @returns The labels.
 * @throws {ToolError} There are too many, or one is too long or has characters that hide or reorder text.
 */
export function expectReadable(labels: Record<string, string>): Record<string, string> {
  const texts = Object.entries(labels).flat();
  if (texts.length > 2 * MOST_LABELS) {
    throw new ToolError(`The image has more than ${MOST_LABELS} labels`);
  }
  const bad = texts.find((text) => text.length > LONGEST_TEXT || printable(text, "\n") !== text);
  if (bad === undefined) return labels;
  const shown = printable(bad.slice(0, 80));
  throw new ToolError(
    bad.length > LONGEST_TEXT
      ? `The image has a label of ${bad.length} characters, "${shown}..."; the limit is ${LONGEST_TEXT}`
      : `The image has a label with invisible characters, "${shown}"`,
  );
}
