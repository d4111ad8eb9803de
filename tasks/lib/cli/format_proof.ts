/**
 * A proof as text for a person.
 *
 * @module
 */

import { basename } from "node:path";
import { styleText } from "node:util";
import { formatBytes } from "../../../src/format_bytes.ts";
import { printable } from "../../../src/printable.ts";
import { describeNetwork } from "../../../src/job/description.ts";
import type { Fact, Proof, Verdict } from "../audit/proof.ts";
import { claimName } from "../image/claims.ts";
import { NotProvedError } from "../network/expect_proved.ts";
import type { Screen } from "../screen/screen.ts";
import { wrapWords } from "../screen/wrap_words.ts";

/** The exit code of each verdict. */
export const VERDICT_EXIT: Readonly<Record<Verdict, number>> = {
  proved: 0,
  differs: 1,
  unknown: 2,
};

/** The exit code of a task that asks for a proof and throws. */
export function failureOf(error: unknown): number {
  return error instanceof NotProvedError ? VERDICT_EXIT[error.verdict] : 1;
}

const VERDICTS = {
  proved: ["PROVED", "green", "this checkout makes the same archive, byte for byte"],
  differs: ["DIFFERS", "red", "this archive isn't what this checkout makes: don't approve it"],
  unknown: ["CAN'T TELL", "yellow", "nothing is proved of this archive"],
} as const;

const OTHER_SOURCE = [
  "DIFFERS",
  "red",
  "its source makes another program: don't approve it",
] as const;

const NARROWEST_TEXT = 30;

/**
 * Formats a proof. The verdict is its first and its last line.
 *
 * @returns The lines.
 */
export function formatProof(proof: Proof, { rich, width }: Screen): string[] {
  const [word, colour, meaning] = proof.source?.same === false
    ? OTHER_SOURCE
    : VERDICTS[proof.verdict];
  const verdict = wrapWords(`${word}: ${meaning}`, width).join("\n")
    .replace(word, rich ? styleText([colour, "bold"], word) : word);
  const groups = [reasonsOf(proof), comparedOf(proof), programOf(proof), proof.contents ?? []]
    .concat([sourceOf(proof)])
    .concat([[...proof.notes.map((seen) => ({ name: "note", seen })), ...meaningOf(proof)]])
    .filter((facts) => facts.length > 0);
  const names = Math.max(...groups.flat().map(({ name }) => name.length));
  return [verdict, ...groups.flatMap((facts) => ["", ...formatFacts(facts, names, width)])]
    .concat(proof.source === undefined || proof.source.same ? [] : ["", ...proof.source.diff])
    .concat(["", verdict]);
}

/** A proof as JSON for other programs. */
export function proofToJson(proof: Proof): unknown {
  return { ...proof, remedy: remedyOf(proof) };
}

function formatFacts(facts: Fact[], names: number, width: number): string[] {
  const indent = names + 2;
  return facts.flatMap(({ name, seen }, at) => {
    // A name that repeats says so by a blank.
    const shown = facts[at - 1]?.name === name ? "" : name;
    return wrapWords(seen, Math.max(NARROWEST_TEXT, width - indent))
      .map((line, at) => `${(at === 0 ? shown : "").padEnd(indent)}${line}`.trimEnd());
  });
}

function reasonsOf(proof: Proof): Fact[] {
  const remedy = remedyOf(proof);
  return [
    ...proof.reasons.map((seen) => ({ name: "why", seen })),
    ...(proof.differences ?? []).map(({ part, seen }) => ({ name: part, seen })),
    ...remedy === undefined ? [] : [{ name: "what to do", seen: remedy }],
  ];
}

/** Whether the archive is what this checkout makes: only then its source is compared. */
function isMadeAgain({ verdict, source }: Proof): boolean {
  return verdict === "proved" || source !== undefined;
}

function comparedOf(proof: Proof): Fact[] {
  const { archive: { sha256, size, comparedWith }, parts } = proof;
  const how = comparedWith === undefined ? "compared with nothing" : `as ${comparedWith} says`;
  return [
    { name: "archive", seen: `SHA-256 ${sha256}, ${how}; ${formatBytes(size)}` },
    // Otherwise they would read as if the archive had them.
    ...parts.map(({ name, seen }) => ({
      name: isMadeAgain(proof) ? name : `${name} here`,
      seen,
    })),
  ];
}

function programOf(proof: Proof): Fact[] {
  const { program, labels } = proof;
  if (program === undefined) return [];
  const unproved = isMadeAgain(proof) ? "" : ", as its program says; nothing proves it";
  const { name, network, stock, size, sha256 } = program;
  return [
    { name: "job", seen: name },
    {
      name: "program",
      seen: stock ? "none: the host's own relay" : `${formatBytes(size)}, SHA-256 ${sha256}`,
    },
    { name: "rights", seen: `network ${describeNetwork(network)}${unproved}` },
    ...Object.entries(labels).map(([label, text]) => ({
      name: "claim",
      seen: `${claimName(label)}: ${text}`,
    })),
  ];
}

function sourceOf({ source }: Proof): Fact[] {
  if (source === undefined) return [];
  const { same, files, libraries } = source;
  return [
    {
      name: "source",
      seen: same
        ? "makes the same program, byte for byte"
        : "makes another program, as shown below",
    },
    { name: "to read", seen: printable(files.join(", ")) },
    { name: "libraries", seen: printable(libraries.join(", ")) || "none" },
  ];
}

function meaningOf({ verdict, program, source }: Proof): Fact[] {
  if (verdict !== "proved" || program === undefined) return [];
  const proved = "base, runtime, host, the job's name and rights, and every byte around them";
  return [
    { name: "proved", seen: proved },
    {
      name: "not proved",
      seen: program.stock
        ? "the claims above"
        : source !== undefined
        ? "what the program does, which is for you to read in the source, and the claims above"
        : "what the program does, which is for you to read (--program DIR writes it), and the claims above",
    },
  ];
}

/** What a person can do to know more. */
function remedyOf({ deno, remedy, differences = [] }: Proof): string | undefined {
  if (differences.some(({ part }) => part === "base")) {
    return "If you trust the base that its builder names, give it with --base; otherwise, don't approve it";
  }
  if (deno === undefined) return remedy;
  // An RPC's URL may hold a credential.
  const args = Deno.args.some((arg) => arg.startsWith("--rpc")) ? ["..."] : Deno.args.map(quote);
  const task = basename(Deno.mainModule, ".ts");
  return `Run the right Deno: npx -y deno@${deno} task ${[task, ...args].join(" ")}`;
}

function quote(arg: string): string {
  return /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`;
}
