// deno task verify: proves an archive by making it again.

import { messageOf } from "../src/errors.ts";
import type { Proof } from "./lib/audit/proof.ts";
import { proveArchive } from "./lib/audit/prove.ts";
import { isUrl } from "./lib/audit/fetch_archive.ts";
import { writeProgram } from "./lib/audit/write_program.ts";
import type { JobProgram } from "./lib/binary/describe_job.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { formatProof, proofToJson, VERDICT_EXIT } from "./lib/cli/format_proof.ts";
import { sourceOf, withProofOptions, withSourceOptions } from "./lib/cli/proof_options.ts";
import { ToolError } from "./lib/errors.ts";
import { readInstruction } from "./lib/network/instructions.ts";
import { proveInstruction } from "./lib/network/prove_instruction.ts";
import { contractId, sha256Hex } from "./lib/options.ts";
import { personPath, shortPath } from "./lib/person_path.ts";
import type { OnProgress } from "./lib/screen/progress.ts";
import { withProgressBars } from "./lib/screen/progress_bars.ts";
import { screenOf } from "./lib/screen/screen.ts";
import { wrapWords } from "./lib/screen/wrap_words.ts";

const NEXT = "Next, if it is yours: put it where its URL stays the same, and register it:";

await runTask(async () => {
  const command = withSourceOptions(withProofOptions(withChainOptions(
    task("verify", "Prove an archive: make it again from this checkout and compare")
      .argument("[archive]", "the archive's file, or its https URL", fileOrUrl)
      .option("--sha256 <hex>", "the SHA-256 that it must have", sha256Hex)
      .option(
        "--instruction <id>",
        "take the SHA-256, and the URL if no archive is given, on-chain",
        contractId,
      )
      .option("--program <dir>", "write the job's program into this folder", personPath)
      .option("--json", "print JSON"),
  ))).addHelpText("after", "\nExit code 0: proved; 1: it differs; 2: can't tell.");
  const parsed = await command.parseAsync();
  const [archive] = parsed.processedArgs;
  const options = parsed.opts();
  const { json, instruction: id, sha256, base, allowHttp } = options;
  const compareSource = sourceOf(options);
  let program: JobProgram | undefined;
  const proof = await withProgressBars(proofOf).catch((error) => {
    // A program that reads JSON gets it in any case.
    if (json === true) print(JSON.stringify({ verdict: "unknown", reasons: [messageOf(error)] }));
    throw error;
  });
  if (options.program !== undefined) showProgram(options.program);
  if (json === true) print(JSON.stringify(proofToJson(proof), null, 2));
  else for (const line of formatProof(proof, screenOf(Deno.stdout))) print(line);
  if (json !== true && proof.verdict === "proved" && archive !== undefined && !isUrl(archive)) {
    note("");
    for (const line of wrapWords(NEXT, screenOf(Deno.stderr).width)) note(line);
    // A command is copied whole, so it isn't broken.
    note(`  deno task register --url URL --archive ${shortPath(archive)}`);
  }
  return VERDICT_EXIT[proof.verdict];

  async function proofOf(onProgress: OnProgress): Promise<Proof> {
    const chosen = {
      base,
      allowHttp,
      onProgress,
      compareSource,
      onProgram: (found: JobProgram) => program = found,
    };
    if (id === undefined) {
      if (archive === undefined) {
        throw new ToolError("Expected the archive to prove, or --instruction with its id");
      }
      const expected = sha256 === undefined ? undefined : { sha256, by: "--sha256" };
      return await proveArchive(archive, { ...chosen, expected });
    }
    if (sha256 !== undefined) {
      throw new ToolError("Give --sha256 or --instruction, not both: the chain says the SHA-256");
    }
    const network = networkOf(options);
    const instruction = await readInstruction(network, id);
    return await proveInstruction(network, instruction, { ...chosen, archive });
  }

  function showProgram(folder: string): void {
    if (program === undefined) {
      note("There is no program to write: the proof ended before it was read");
    } else if (program.bytes === undefined) {
      note("There is no program to write: the archive has the stock relay");
    } else note(`The program is in ${shortPath(writeProgram(program.bytes, folder))}`);
  }
}, { failure: VERDICT_EXIT.unknown });

function fileOrUrl(archive: string): string {
  return isUrl(archive) ? archive : personPath(archive);
}
