// A job that ends well as soon as it is told to stop.
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "obliging",
  async process({ artifacts, signal }) {
    await artifacts.writeText("half.txt", "half");
    const waiting = setInterval(() => {}, 1000);
    await new Promise((stop) => signal.addEventListener("abort", stop));
    clearInterval(waiting);
  },
});
