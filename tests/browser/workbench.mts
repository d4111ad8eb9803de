// Tries the workbench in a real browser. Argument: a copy of the checkout, in which files may be changed.

import { tryData } from "./data_facts.mts";
import { tryJob } from "./job_facts.mts";
import { tryQuery } from "./query_facts.mts";
import { trySafety } from "./safety_facts.mts";
import { Session } from "./session.mts";

await using session = await Session.start(Deno.args[0]!);
for (const tryFacts of [tryData, tryQuery, tryJob, trySafety]) await tryFacts(session);
