// A job that attacks when it is run, in the way that QUERY_PARAMS names.
import { dirname } from "node:path";
import { defineJob } from "../../../../mod.ts";
import { attack } from "./attacks.ts";

export default defineJob({
  name: "hostile",
  async process({ artifacts, parameters: { queryParams } }) {
    const witness = artifacts.pathFor("witness.txt");
    Deno.writeTextFileSync(witness, "new");
    await attack(queryParams, dirname(witness));
  },
});
