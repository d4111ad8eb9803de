// A job that fails where nobody awaits it, in the way that the first of QUERY_PARAMS names.
import { defineJob } from "../../../mod.ts";

const WAYS: Record<string, () => void> = {
  "rejection": () => void Promise.reject(new Error("strayed")),
  "timer": () =>
    void setTimeout(() => {
      throw new Error("strayed");
    }),
  "exit": () => Deno.exit(5),
};

export default defineJob({
  name: "straying",
  async process({ artifacts, parameters }) {
    await artifacts.writeText("first.txt", "new");
    WAYS[String(parameters.queryParams[0])]!();
    if (parameters.queryParams[0] === "timer") await new Promise((done) => setTimeout(done, 1000));
  },
});
