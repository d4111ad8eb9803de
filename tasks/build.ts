// deno task build: compiles the job and builds its image with Docker.

import { note, print, runTask, task } from "./lib/cli.ts";
import { ToolError } from "./lib/errors.ts";
import { compile } from "./lib/binary/compile.ts";
import { loadBase, queryDocker, requireDocker, spawnDocker } from "./lib/image/docker.ts";
import { describeEntry, withEntry } from "./lib/cli/entry_option.ts";
import { jobLabels } from "./lib/image/job_labels.ts";
import { releaseLabels } from "./lib/image/release_labels.ts";
import { RUNTIME_LABEL, runtimeLabels } from "./lib/image/runtime_label.ts";
import { withProgressBars } from "./lib/screen/progress_bars.ts";
import { fileOrName } from "./lib/person_path.ts";
import { BINARY, JOB_NAME, ROOT } from "./lib/project.ts";

await runTask(async () => {
  const command = withEntry(task("build", "Compile the job and build its image with Docker"))
    .option("--tag <name>", "the image's name", JOB_NAME)
    .option(
      "--base <image>",
      "another base than the Dockerfile's: an image, or an image's tar",
      fileOrName,
    );
  const { tag, base, entry } = (await command.parseAsync()).opts();
  await requireDocker();
  const binary = await withProgressBars((onProgress) =>
    compile({ entry, output: BINARY, onProgress })
  );
  const runtime = runtimeLabels(binary.path);
  const labels = Object.entries({ ...releaseLabels(), ...jobLabels(binary.job), ...runtime });
  if (RUNTIME_LABEL in runtime) {
    note("The binary is on the runtime of `deno task denort`; a label of the image says so");
  }
  const args = ["build", "--platform=linux/amd64", `--tag=${tag}`];
  for (const [name, value] of labels) args.push(`--label=${name}=${value}`);
  if (base !== undefined) args.push(`--build-arg=BASE=${await loadBase(base)}`);
  const { success } = await spawnDocker([...args, ROOT]).status;
  if (!success) throw new ToolError("docker build failed; what it says is above");
  const { stdout: id } = await queryDocker(["image", "inspect", "--format={{.Id}}", tag]);
  print();
  print(`Built ${tag} (${id})`);
  print(`The job is ${describeEntry(entry, binary.job)}`);
  print(`Run it: deno task run${tag === JOB_NAME ? "" : ` --tag ${tag}`}`);
});
