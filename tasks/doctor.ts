// deno task doctor: says what the tasks need and what of it is here.

import { note, print, runTask, task } from "./lib/cli.ts";
import { networkOf, withChainOptions } from "./lib/cli/chain_options.ts";
import { baseProbe } from "./lib/doctor/base_probe.ts";
import { certificatesProbe } from "./lib/doctor/certificates_probe.ts";
import { denoProbe } from "./lib/doctor/deno_probe.ts";
import { dockerProbe } from "./lib/doctor/docker_probe.ts";
import { canRunJobs, examine } from "./lib/doctor/examination.ts";
import { formatExamination } from "./lib/doctor/format_examination.ts";
import { jobProbe, temporaryFolderProbe } from "./lib/doctor/job_probe.ts";
import { proxyProbe } from "./lib/doctor/proxy_probe.ts";
import { rpcProbe } from "./lib/doctor/rpc_probe.ts";
import { runtimeProbe } from "./lib/doctor/runtime_probe.ts";
import { decimal } from "./lib/options.ts";
import { screenOf } from "./lib/screen/screen.ts";

await runTask(async () => {
  const command = withChainOptions(
    task("doctor", "Check what the tasks need")
      .option("--timeout <seconds>", "how long to wait for an answer", decimal({ min: 0.1 }), 10)
      .option("--json", "print JSON"),
  ).addHelpText(
    "after",
    "\nExit code 0: the job can run here, even if other things are missing; 1: it can't.",
  );
  const { timeout, json, ...options } = (await command.parseAsync()).opts();
  const probes = [
    denoProbe,
    jobProbe,
    temporaryFolderProbe,
    runtimeProbe,
    baseProbe,
    dockerProbe,
    rpcProbe(networkOf(options)),
    certificatesProbe,
    proxyProbe,
  ];
  const examined = await examine(probes, { timeoutMs: timeout * 1000 });
  const ok = canRunJobs(examined);
  if (json) print(JSON.stringify({ ok, examined }, null, 2));
  else {
    print(formatExamination(examined, { colour: screenOf(Deno.stdout).rich }));
    note(ok ? "\nNext: run the job with `deno task dev`" : "\nThe job can't run on this machine");
  }
  return ok ? 0 : 1;
});
