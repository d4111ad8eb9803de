// All attacks, by kind.
import { files } from "./files.ts";
import { modules } from "./modules.ts";
import { network } from "./network.ts";
import { possible } from "./possible.ts";
import { endless, ends, messages } from "./process.ts";
import type { Attacks, Scene } from "./scene.ts";
import { staging } from "./staging.ts";

/** A run without an attack. */
const nothing: Attacks = { nothing: () => {} };

export const ATTACKS = {
  nothing,
  network,
  modules,
  files,
  staging,
  ends,
  endless,
  messages,
  possible,
};

/** The parameters of a hostile job: the kind of its attack, the attack, and the scene as JSON. */
export async function attack(
  params: readonly unknown[],
  staging: string,
): Promise<void> {
  const [kind, name, scene] = params.map(String);
  const attacks: Attacks | undefined = ATTACKS[kind as keyof typeof ATTACKS];
  const run = attacks?.[name!];
  if (run === undefined) throw new Error(`there is no attack ${kind}: ${name}`);
  await run({ ...JSON.parse(scene!) as Omit<Scene, "staging">, staging });
}
