// The job this repository ships: it hands the query's answer on as it is. To make a job of your own,
// put another job than `relay` here: see examples/ for some, and "Write your own job" in the README.
import { relay, runJob } from "./mod.ts";

await runJob(relay);
