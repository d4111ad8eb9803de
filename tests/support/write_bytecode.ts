// Writes tasks/lib/devnet/contracts/bytecode.json after a change of the contracts beside it:
// deno run -A --config=deno.json --lock=deno.lock --frozen tests/support/write_bytecode.ts

import { join } from "node:path";
import { ROOT } from "../../tasks/lib/project.ts";
import { compileContracts } from "./solidity.ts";

const folder = join(ROOT, "tasks/lib/devnet/contracts");
const compiled = await compileContracts(folder);
const codes = Object.fromEntries([...compiled].map(([name, { bytecode }]) => [name, bytecode]));
Deno.writeTextFileSync(join(folder, "bytecode.json"), `${JSON.stringify(codes, null, 2)}\n`);
