// Makes the databases that the workbench shows, in a process that can be killed.

import { join } from "node:path";
import { removeIfThere, temporaryName } from "../../../../src/files.ts";
import { settleDatabase } from "../../../../src/results/database_file.ts";
import { type DummyData, prepareDummyData } from "../../data/dummy_data.ts";
import { runScript } from "../../data/run_script.ts";
import { makeRefinerDatabase } from "../../engine/local_engine.ts";
import { importTable } from "./import_table.ts";
import { serveCalls } from "./serve_calls.ts";

/** Databases that are made side by side would be in each other's way. */
let input: DummyData | undefined;

await serveCalls({
  /** Makes the job's input, and says where it is. */
  prepareInput(
    { mount, script }: { mount: string; script: string },
  ): { mount: string; description: string } {
    const earlier = input;
    input = prepareDummyData(mount, script);
    earlier?.[Symbol.dispose]();
    return { mount: input.input, description: input.description };
  },

  /** Makes the tables of the refiner's schema. */
  makeRefiner({ script, to }: { script: string; to: string }): void {
    makeRefinerDatabase(script, to);
  },

  /** Runs a script to see whether it works. */
  tryScript({ text, name, folder }: { text: string; name: string; folder: string }): void {
    const to = join(folder, temporaryName("try-"));
    try {
      runScript(text, { from: name, to });
    } finally {
      removeIfThere(to);
    }
  },

  importTable,

  /** Makes a database readable where it lies, or a copy of it, and says which. */
  async settle({ path, folder }: { path: string; folder: string }): Promise<string> {
    return (await settleDatabase(path, folder)).path;
  },
});
