// deno task export: makes the archive that is registered, without Docker.

import { basename, dirname } from "node:path";
import { formatBytes } from "../src/format_bytes.ts";
import { note, print, runTask, task } from "./lib/cli.ts";
import { describeEntry, withEntry } from "./lib/cli/entry_option.ts";
import { fileOrName, personPath, shortPath } from "./lib/person_path.ts";
import { ARCHIVE } from "./lib/project.ts";
import { commitHex } from "./lib/options.ts";
import { withProgressBars } from "./lib/screen/progress_bars.ts";
import { checksumFile, exportArchive } from "./lib/image/export.ts";

await runTask(async () => {
  const command = withEntry(
    task("export", "Make the archive that is registered on-chain; needs no Docker"),
  )
    .option("--output <file>", "the archive to make", personPath, ARCHIVE)
    .option(
      "--base <image>",
      "another base than the Dockerfile's: NAME@sha256:HEX, or an image's tar",
      fileOrName,
    )
    .option("--revision <commit>", "the commit that the image's label names", commitHex);
  const options = (await command.parseAsync()).opts();
  const archive = await withProgressBars((onProgress) => exportArchive({ ...options, onProgress }));
  const path = shortPath(archive.path);
  print(path);
  print(checksumFile(path));
  print(`  check     ${checkCommand(checksumFile(path))}`);
  print(`  job       ${describeEntry(options.entry, archive.binary.job)}`);
  print(`  SHA-256   ${archive.sha256}`);
  print(`  size      ${formatBytes(archive.size)} (unpacked ${formatBytes(archive.unpackedSize)})`);
  print(`  image     ${archive.imageId}`);
  print(`  base      ${archive.base}`);
  print(`  binary    ${archive.binary.sha256}`);
  if (archive.onTestRuntime) {
    note("The binary is on the runtime of `deno task denort`; a label of the image says so");
  }
  note(
    `\nNext: audit it with \`deno task verify ${
      shellWord(path)
    }\`, then put it where its URL stays ` +
      "the same",
  );
});

/** The names in a checksum file are relative to its folder. */
function checkCommand(file: string): string {
  return `(cd ${shellWord(dirname(file))} && sha256sum -c ${shellWord(basename(file))})`;
}

function shellWord(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
