/**
 * Finds what a module imports, without running or resolving anything.
 *
 * @module
 */

import { parse, type ParserOptions } from "@babel/parser";
import { messageOf } from "../../../src/errors.ts";
import { printable } from "../../../src/printable.ts";
import { ToolError } from "../errors.ts";

/** A part of a syntax tree, as far as it is looked at here. */
interface Node {
  type: string;
  [field: string]: unknown;
}

/**
 * Reads what a module imports, type imports left out.
 *
 * @param path What messages call it.
 * @throws {ToolError} It can't be parsed, or computes what it imports: a bundler then takes every file on the
 * disk that may be meant.
 */
export function importsOf(text: string, path: string): string[] {
  const specifiers: string[] = [];
  visit(parseModule(text, path), (node) => {
    const source = sourceOf(node);
    if (source === undefined) return;
    const { type, value } = source;
    if (type === "StringLiteral" && typeof value === "string") return specifiers.push(value);
    throw new ToolError(
      `${path} computes the name of a module that it imports, so what it imports can't be checked; ` +
        "expected a plain string",
    );
  });
  return specifiers;
}

function parseModule(text: string, path: string): unknown {
  const plugins: ParserOptions["plugins"] = ["typescript", "decorators", "decoratorAutoAccessors"];
  if (/\.[jt]sx$/.test(path)) plugins.push("jsx");
  try {
    return parse(text, { sourceType: "module", errorRecovery: true, plugins }).program;
  } catch (error) {
    throw new ToolError(`${path} can't be parsed: ${printable(messageOf(error))}`);
  }
}

/** What names the module that a node imports, if it imports one. */
function sourceOf(node: Node): Node | undefined {
  if (node.importKind === "type" || node.exportKind === "type") return undefined;
  switch (node.type) {
    case "ImportDeclaration":
    case "ExportNamedDeclaration":
    case "ExportAllDeclaration":
    case "ImportExpression":
      return isNode(node.source) ? node.source : undefined;
    case "TSExternalModuleReference":
      return isNode(node.expression) ? node.expression : undefined;
    case "CallExpression": {
      const { callee, arguments: args } = node;
      const isRequire = isNode(callee) && callee.type === "Identifier" && callee.name === "require";
      return isRequire && Array.isArray(args) && isNode(args[0]) ? args[0] : undefined;
    }
    default:
      return undefined;
  }
}

/** Calls `see` with every node of a tree, without recursion: a stranger chose its depth. */
function visit(tree: unknown, see: (node: Node) => void): void {
  const left = [tree];
  while (left.length > 0) {
    const next = left.pop();
    if (isNode(next)) see(next);
    if (Array.isArray(next) || isNode(next)) {
      for (const part of Object.values(next)) left.push(part);
    }
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null &&
    typeof (value as { type?: unknown }).type === "string";
}
