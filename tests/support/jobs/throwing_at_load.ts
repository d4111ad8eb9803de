// A job whose module tries to leave a mark outside of its isolate while it is loaded.
import { defineJob } from "../../../mod.ts";

Deno.writeTextFileSync("throwing_at_load.mark", "code of a job ran with rights");

export default defineJob({ name: "throwing-at-load", process() {} });
