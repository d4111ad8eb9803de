// A job that attacks while its module is loaded, in the way that QUERY_PARAMS names: before any line of
// the SDK has run in its isolate. It then runs as if nothing had happened.
import { defineJob } from "../../../../mod.ts";
import { attack } from "./attacks.ts";

interface RunMessage {
  type: string;
  staging: string;
  parameters: { queryParams: unknown[] };
}

const data = await new Promise<RunMessage>((done) =>
  addEventListener("message", (event) => done((event as MessageEvent).data), { once: true })
);
if (data.type === "run") await attack(data.parameters.queryParams, data.staging);
setTimeout(() => dispatchEvent(new MessageEvent("message", { data })));

export default defineJob({
  name: "hostile",
  process: ({ artifacts }) => artifacts.writeText("witness.txt", "new"),
});
