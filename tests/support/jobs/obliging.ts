// A job that ends well as soon as it is told to stop.
import { defineJob, runJob } from "../../../mod.ts";

await runJob(defineJob({
  name: "obliging",
  async process({ artifacts, signal }) {
    await artifacts.writeText("half.txt", "half");
    const waiting = setInterval(() => {}, 1000);
    await new Promise((stop) => signal.addEventListener("abort", stop));
    clearInterval(waiting);
  },
}));
