// The entry of the binary: the same for every job.
import { embeddedJob } from "./embedded_job.ts";
import { runHost } from "./run.ts";

runHost(embeddedJob());
