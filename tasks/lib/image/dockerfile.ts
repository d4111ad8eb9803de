/**
 * Reads the Dockerfile: the one place that says what the image is, for `build` and `export` alike.
 *
 * @see https://docs.docker.com/reference/dockerfile/
 * @module
 */

import {
  type Copy,
  DockerfileParser,
  type Entrypoint,
  type Env,
  type From,
  type Instruction,
  type JSONInstruction,
  type Label,
  type PropertyInstruction,
} from "dockerfile-ast";
import { ToolError } from "../errors.ts";
import { BINARY_IN_CONTEXT } from "../project.ts";

/** What the Dockerfile makes of a base. */
export interface ImageRecipe {
  /** The base's reference, with its digest. */
  base: string;
  /** The binary's name in the root folder. */
  binary: string;
  /** The program that the image runs. */
  entrypoint: string[];
  /** The user it runs as; the base's if the Dockerfile names none. */
  user?: string;
  /** The folder it starts in; the base's if the Dockerfile names none. */
  workingDirectory?: string;
  /** Environment variables, added to the base's. */
  env: Record<string, string>;
  /** Labels, added to the base's. */
  labels: Record<string, string>;
}

/**
 * Reads a Dockerfile that copies the binary over a base, and does nothing that needs a daemon.
 *
 * @throws {ToolError} It can't be read, or has an instruction that only a daemon can follow.
 */
export function readDockerfile(path: string): ImageRecipe {
  const recipe = {
    base: "",
    binary: "",
    entrypoint: [] as string[],
    env: {},
    labels: {},
  } as ImageRecipe;
  for (const instruction of parse(path)) {
    const where = `${path}:${instruction.getRange().start.line + 1}`;
    follow(instruction, recipe, where);
  }
  const missing =
    ([["ARG BASE=", "base"], ["COPY", "binary"], ["ENTRYPOINT", "entrypoint"]] as const)
      .find(([, part]) => recipe[part].length === 0);
  if (missing !== undefined) {
    throw new ToolError(`${path} has no ${missing[0]}; an image needs one`);
  }
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
  switch (keyword) {
    case "ARG": {
      const [, base] = /^BASE=(\S+)$/.exec(text) ?? [];
      if (base === undefined) throw unsupported(where, "ARG", "expected only ARG BASE=REFERENCE");
      recipe.base = base;
      return;
    }
    case "FROM":
      if ((instruction as From).getImage() === "${BASE}") return;
      throw unsupported(where, "FROM", "expected FROM ${BASE}, which another base can replace");
    case "LABEL":
      Object.assign(recipe.labels, readProperties(instruction as Label, where));
      return;
    case "ENV":
      Object.assign(recipe.env, readProperties(instruction as Env, where));
      return;
    case "USER":
      recipe.user = text;
      return;
    case "WORKDIR":
      recipe.workingDirectory = text;
      return;
    case "COPY": {
      const [from, to, ...more] = (instruction as Copy).getArguments().map((arg) => arg.getValue());
      const flags = (instruction as Copy).getFlags();
      if (
        recipe.binary === "" && from === BINARY_IN_CONTEXT && more.length === 0 &&
        flags.length === 0 && to !== undefined && /^\/[\w.-]+$/.test(to)
      ) {
        recipe.binary = to.slice(1);
        return;
      }
      throw unsupported(where, "COPY", `expected one COPY ${BINARY_IN_CONTEXT} /NAME`);
    }
    case "ENTRYPOINT":
      recipe.entrypoint = readJson(instruction as Entrypoint, where);
      return;
    default:
      throw unsupported(where, keyword, "it needs a daemon, or isn't known here");
  }
}

function readProperties(instruction: PropertyInstruction, where: string): Record<string, string> {
  const keyword = instruction.getKeyword();
  return Object.fromEntries(
    instruction.getProperties().map((property) => {
      const value = property.getValue() ?? "";
      if (value.includes("$")) {
        throw unsupported(where, keyword, "expected values without variables");
      }
      return [property.getName(), value];
    }),
  );
}

function readJson(instruction: JSONInstruction, where: string): string[] {
  const strings = instruction.getJSONStrings().map((argument) => argument.getJSONValue());
  if (strings.length > 0) return strings;
  throw unsupported(where, "ENTRYPOINT", 'expected a JSON array, for example ["/relay"]');
}

function unsupported(where: string, keyword: string, expected: string): ToolError {
  return new ToolError(
    `${where}: this ${keyword} can't be followed without Docker: ${expected}. Change the Dockerfile, ` +
      "or build the image with `deno task build`",
  );
}
