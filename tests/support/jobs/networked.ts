// A job that may connect anywhere, and asks the URL that the first of QUERY_PARAMS names.
import { defineJob } from "../../../mod.ts";

export default defineJob({
  name: "networked",
  network: "all",
  async process({ artifacts, parameters: { queryParams: [url] } }) {
    const response = await fetch(String(url));
    await artifacts.writeText("answer.txt", await response.text());
  },
});
