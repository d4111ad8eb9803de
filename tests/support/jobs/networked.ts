// A job that asks for the network and uses it.
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "networked",
  network: true,
  async process({ artifacts, parameters }) {
    const response = await fetch(parameters.queryEngineUrl);
    await artifacts.writeText("answer.txt", await response.text());
  },
});
