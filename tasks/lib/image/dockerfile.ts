/**
 * Reads the Dockerfile: the one place that says which base and which labels an image has, for `build` and
 * `export` alike. All else of it is fixed, as an audit proves no other images.
 *
 * @see https://docs.docker.com/reference/dockerfile/
 * @module
 */

import {
  type Copy,
  DockerfileParser,
  type Entrypoint,
  type From,
  type Instruction,
  type Label,
} from "dockerfile-ast";
import { ToolError } from "../errors.ts";
import { BINARY_IN_CONTEXT } from "../project.ts";

/** The binary's name in the root folder. */
export const BINARY_NAME = "relay";

/** The program that the image starts, with its arguments. */
export const ENTRYPOINT: readonly string[] = [`/${BINARY_NAME}`];

/** Who it runs as: the mounts that the Compute Engine gives belong to root. */
export const USER = "0";

/** What a Dockerfile chooses. */
export interface ImageRecipe {
  /** The base's reference, with its digest. */
  base: string;
  /** Labels, added to the base's. */
  labels: Record<string, string>;
}

/** The instructions that a Dockerfile must have. */
const NEEDED = ["ARG", "FROM", "COPY", "USER", "ENTRYPOINT"];

/**
 * Reads a Dockerfile that copies the binary over a base.
 *
 * @throws {ToolError} It can't be read, or makes another image than `export` can.
 */
export function readDockerfile(path: string): ImageRecipe {
  const recipe: ImageRecipe = { base: "", labels: {} };
  const seen = new Set<string>();
  for (const instruction of parse(path)) {
    const where = `${path}:${instruction.getRange().start.line + 1}`;
    const keyword = instruction.getKeyword();
    if (seen.has(keyword) && keyword !== "LABEL") {
      throw unsupported(where, keyword, "there is one before it");
    }
    seen.add(keyword);
    follow(instruction, recipe, where);
  }
  const missing = NEEDED.find((keyword) => !seen.has(keyword));
  if (missing !== undefined) throw new ToolError(`${path} has no ${missing}; an image needs one`);
  return recipe;
}

function parse(path: string): Instruction[] {
  try {
    return DockerfileParser.parse(Deno.readTextFileSync(path)).getInstructions();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new ToolError(`${path} doesn't exist`);
    throw error;
  }
}

function follow(instruction: Instruction, recipe: ImageRecipe, where: string): void {
  const keyword = instruction.getKeyword();
  const text = instruction.getArgumentsContent() ?? "";
  const expect = (holds: boolean, expected: string) => {
    if (!holds) throw unsupported(where, keyword, `expected ${expected}`);
  };
  switch (keyword) {
    case "ARG": {
      const [, base] = /^BASE=(\S+)$/.exec(text) ?? [];
      expect(base !== undefined, "only ARG BASE=REFERENCE");
      recipe.base = base!;
      return;
    }
    case "FROM":
      return expect(
        (instruction as From).getImage() === "${BASE}",
        "FROM ${BASE}, which another base can replace",
      );
    case "LABEL":
      Object.assign(recipe.labels, readLabels(instruction as Label, where));
      return;
    case "USER":
      return expect(text === USER, `USER ${USER}`);
    case "COPY": {
      const copy = instruction as Copy;
      const names = copy.getArguments().map((argument) => argument.getValue()).join(" ");
      return expect(
        names === `${BINARY_IN_CONTEXT} /${BINARY_NAME}` && copy.getFlags().length === 0,
        `COPY ${BINARY_IN_CONTEXT} /${BINARY_NAME}`,
      );
    }
    case "ENTRYPOINT": {
      const words = (instruction as Entrypoint).getJSONStrings()
        .map((argument) => argument.getJSONValue());
      const expected = JSON.stringify(ENTRYPOINT);
      return expect(JSON.stringify(words) === expected, `ENTRYPOINT ${expected}`);
    }
    default:
      throw unsupported(where, keyword, "expected only a base and labels of your own");
  }
}

function readLabels(instruction: Label, where: string): Record<string, string> {
  return Object.fromEntries(
    instruction.getProperties().map((property) => {
      const value = property.getValue() ?? "";
      if (value.includes("$")) {
        throw unsupported(where, "LABEL", "expected values without variables");
      }
      return [property.getName(), value];
    }),
  );
}

function unsupported(where: string, keyword: string, expected: string): ToolError {
  return new ToolError(
    `${where}: this ${keyword} can't be exported: ${expected}. \`verify\` proves no other image. Change ` +
      "the Dockerfile, or build the image with `deno task build`",
  );
}
