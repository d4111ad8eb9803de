// A job that writes one artifact and fails.
import { defineJob, runJob } from "../../../mod.ts";

await runJob(defineJob({
  name: "failing",
  async process({ artifacts }) {
    await artifacts.writeText("first.txt", "new");
    throw new Error("on purpose");
  },
}));
