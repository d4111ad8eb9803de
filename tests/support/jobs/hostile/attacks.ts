// All attacks, by kind.
import { files } from "./files.ts";
import { modules } from "./modules.ts";
import { network } from "./network.ts";
import { possible } from "./possible.ts";
import { endless, ends, messages } from "./process.ts";
import { type Attacks, say, type Scene } from "./scene.ts";
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

/** The kind that stands for many attacks in one run; their names are JSON then. */
export const TOGETHER = "together";

/** What begins a line that says how one of many attacks ended: its kind, its name and what it threw. */
export const ENDED = "ENDED ";

/** The parameters of a hostile job: the kind of its attack, the attack, and the scene as JSON. */
export async function attack(
  params: readonly unknown[],
  staging: string,
): Promise<void> {
  const [kind, name, where] = params.map(String);
  const scene: Scene = { ...JSON.parse(where!) as Omit<Scene, "staging">, staging };
  if (kind !== TOGETHER) return await run(kind!, name!, scene);
  for (const [kind, one] of JSON.parse(name!) as [string, string][]) {
    const thrown = await run(kind, one, scene).then(() => null, String);
    say(`${ENDED}${JSON.stringify([kind, one, thrown])}`);
  }
}

async function run(kind: string, name: string, scene: Scene): Promise<void> {
  const attacks: Attacks | undefined = ATTACKS[kind as keyof typeof ATTACKS];
  const attack = attacks?.[name];
  if (attack === undefined) throw new Error(`there is no attack ${kind}: ${name}`);
  await attack(scene);
}
