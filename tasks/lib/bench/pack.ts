// What `export` does after the compile, in a process of its own: as cold as a user's.

import { packArchive } from "../image/export.ts";

const [binary = "", output = "", base] = Deno.args;
await packArchive(binary, { output, base });
