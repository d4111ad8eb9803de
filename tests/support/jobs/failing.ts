// A job that writes one artifact and fails.
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "failing",
  async process({ artifacts }) {
    await artifacts.writeText("first.txt", "new");
    throw new Error("on purpose");
  },
});
