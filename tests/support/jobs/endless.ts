// A job that never ends and ignores its signal.
import { defineJob, runJob } from "../../../mod.ts";

await runJob(defineJob({
  name: "endless",
  async process({ artifacts }) {
    await artifacts.writeText("half.txt", "half");
    await new Promise((done) => setTimeout(done, 1e9));
  },
}));
