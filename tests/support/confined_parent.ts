// Waits for a confined module that never answers.

import { fileURLToPath } from "node:url";
import { runConfined } from "../../tasks/lib/process/confined.ts";

const module = fileURLToPath(new URL("./confined_task.ts", import.meta.url));
await runConfined(module, "hang", { seconds: 60, megabytes: 64 });
