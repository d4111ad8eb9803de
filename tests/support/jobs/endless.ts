// A job that never ends and ignores its signal.
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "endless",
  async process({ artifacts }) {
    await artifacts.writeText("half.txt", "half");
    await new Promise((done) => setTimeout(done, 1e9));
  },
});
