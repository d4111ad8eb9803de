// Tries the workbench in a real browser. Argument: a copy of the checkout, in which files may be changed.

import { tryData } from "./data_facts.ts";
import { tryJob } from "./job_facts.ts";
import { takePictures } from "./pictures.ts";
import { tryQuery } from "./query_facts.ts";
import { trySafety } from "./safety_facts.ts";
import { Session } from "./session.ts";

await using session = await Session.start(Deno.args[0]!);
for (const tryFacts of [tryData, tryQuery, tryJob, takePictures, trySafety]) {
  await tryFacts(session);
}
