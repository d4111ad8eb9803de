/**
 * This process's environment, without keys.
 *
 * @module
 */

/** The names of variables that hold a key to money or data. */
const KEY = /PRIVATE_KEY|MNEMONIC|SEED_PHRASE/i;

/** What a program gets that a task starts: all variables but keys, which no other program may have. */
export function keylessEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(Deno.env.toObject()).filter(([name]) => !KEY.test(name)),
  );
}
